/** One record of a stream, ready for delivery, whatever its source. */
export interface StreamRecord {
  /** Decimal digits; rises from record to record within a shard. Compare as numbers. */
  readonly sequenceNumber: string
  /** What keeps its order: the partition key of a Kinesis record, the item's whole key of a DynamoDB one. */
  readonly orderingKey: string
  /** When the stream took the record, epoch milliseconds: record age and tumbling windows go by it. */
  readonly arrivalMs: number
  /** The record as it stands in the event's `Records`, serialised. */
  readonly json: string
  /** The record as filter patterns see it. */
  readonly filterView: () => unknown
}

/** A shard as its stream lists it. */
export interface SourceShard {
  readonly id: string
  /** The shards that it came from by a split, a merge or a rotation; those no longer listed count as read. */
  readonly parentIds: readonly string[]
  /** Takes no more records. */
  readonly isClosed: boolean
}

/** Where reading a shard begins. */
export type StartingPlace =
  | { readonly at: 'TRIM_HORIZON' }
  | { readonly at: 'LATEST' }
  /** At the first record that arrived at that time, epoch milliseconds, or later. */
  | { readonly at: 'AT_TIMESTAMP'; readonly timestampMs: number }
  | { readonly at: 'AFTER_SEQUENCE_NUMBER'; readonly sequenceNumber: string }

/** What one read of a shard found. */
export interface ShardRead {
  readonly records: readonly StreamRecord[]
  /** The shard is closed and these were its last records. */
  readonly isAtEnd: boolean
}

/** Reads one shard onward. */
export interface ShardReader {
  /** Where it began, as a place that stays the same: of LATEST, what that was, where the stream can tell. */
  readonly startedAt: StartingPlace
  /**
   * The next records, at most `limit`, possibly fewer. Rejects where the stream could not be read, with a
   * `ReadThrottledError` where it was read too often; the same read may be tried again.
   */
  read(limit: number): Promise<ShardRead>
}

/** The shard allows no more reads for a moment; the same read may be tried again. */
export class ReadThrottledError extends Error {
  override readonly name = 'ReadThrottledError'
}

/** What a mapping reads from. */
export interface StreamSource {
  /** Decides how failure documents name and date a batch. */
  readonly kind: 'kinesis' | 'dynamodb'
  readonly streamArn: string
  /** Between two looks into an idle shard: AWS looks once a second into one of Kinesis, four times into one of DynamoDB. */
  readonly pollIntervalMs: number
  /** How long the stream keeps a record; never throws. */
  readonly retentionMs: () => number
  /** All shards that still have records or take some, in any order. */
  shards(): Promise<readonly SourceShard[]>
  /** LATEST is fixed when the promise resolves. */
  open(shardId: string, place: StartingPlace): Promise<ShardReader>
}
