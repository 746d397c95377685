/**
 * What a shard takes and gives: 1,000 records and 1 MB a second in, 2 MB and five reads a second out, shared by all that
 * read it.
 *
 * Source: Amazon Kinesis Data Streams Developer Guide, "Quotas and limits".
 */
export const shardLimit = {
  writtenRecordsPerSecond: 1_000,
  writtenBytesPerSecond: 1_000_000,
  readBytesPerSecond: 2_000_000,
  readsPerSecond: 5,
} as const

/** As many as one stream can be asked for. */
export const maximumShards = 10_000

/**
 * What an event source mapping allows. It looks into a shard once a second, and at once again while more is there.
 *
 * Source: AWS Lambda Developer Guide, "Lambda parameters for Amazon Kinesis Data Streams event source mappings" and
 * "How Lambda processes records from stream and queue-based event sources".
 */
export const mappingLimit = {
  parallelizationFactor: 10,
  batchSize: 10_000,
  batchingWindowMs: 300_000,
  pollIntervalMs: 1_000,
} as const

/**
 * What one invocation may be given, serialised: 6 MB. A record comes in base64 with the names and numbers around it, some
 * 500 bytes.
 *
 * Source: AWS Lambda Developer Guide, "Lambda quotas" and "Using Lambda to process records from
 * Amazon Kinesis Data Streams".
 */
export const payloadLimit = { bytes: 6_000_000, bytesAroundRecord: 500 } as const

/** From this memory on a function has a whole virtual CPU, below it a share. Source: as above, "Configure Lambda function memory". */
export const wholeCpuMemoryMb = 1_769

/** Of a request, each kilobyte begun is one unit, and a conditional write counts twice. Source: Momento's documentation, "Pricing". */
export const momentoUnit = { bytes: 1_024, conditionalWrites: 2 } as const
