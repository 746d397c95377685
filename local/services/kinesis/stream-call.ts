import type { NewRecord, PutOutcome } from './stream.ts'

/** What a call did that writes or reads records; bytes are those of data and partition keys. */
export type StreamCall = StreamWrite | StreamRead

export interface StreamWrite {
  readonly operation: 'PutRecord' | 'PutRecords'
  readonly streamName: string
  /** Records that were written. */
  readonly records: number
  readonly recordBytes: number
  /** Records that were refused for the rate of their shard. */
  readonly throttledRecords: number
  /** Records that were refused for another reason. */
  readonly failedRecords: number
}

export interface StreamRead {
  readonly operation: 'GetRecords'
  readonly streamName: string
  /** Whether it was refused for the rate of its shard. */
  readonly isThrottled: boolean
  readonly records: number
  readonly recordBytes: number
  /** How long ago the last of the records had arrived; 0 where there were none. */
  readonly lastAgeMs: number
}

/** Data and partition key. */
export function sizeOf({ data, partitionKey }: Pick<NewRecord, 'data' | 'partitionKey'>): number {
  return data.byteLength + Buffer.byteLength(partitionKey)
}

/** What a call wrote, from what became of each of its records. */
export function writeOf(
  call: Pick<StreamWrite, 'operation' | 'streamName'>,
  records: readonly NewRecord[],
  outcomes: readonly PutOutcome[],
): StreamWrite {
  const count = { records: 0, recordBytes: 0, throttledRecords: 0, failedRecords: 0 }
  for (const [index, record] of records.entries()) {
    const outcome = outcomes[index]
    if (outcome === undefined) continue
    if ('sequenceNumber' in outcome) {
      count.records += 1
      count.recordBytes += sizeOf(record)
    } else if (outcome.errorCode === 'InternalFailure') count.failedRecords += 1
    else count.throttledRecords += 1
  }
  return { ...call, ...count }
}
