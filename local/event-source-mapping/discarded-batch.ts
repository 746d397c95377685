import type { Batch } from './lane.ts'
import type { Failure } from './outcome.ts'
import type { StreamRecord } from './stream-source.ts'

/** A batch that was given up: its records are passed by and not delivered again. */
export interface DiscardedBatch {
  readonly mappingUuid: string
  readonly shardId: string
  /** That of each attempt. */
  readonly requestId: string
  readonly condition: 'RetryAttemptsExhausted'
  readonly attempts: number
  /** Why the last attempt failed. */
  readonly failure: Failure
  readonly records: readonly StreamRecord[]
}

/** Describes a batch whose retries are used up. */
export function discardedBatch(
  mappingUuid: string,
  shardId: string,
  { requestId, failedAttempts, records }: Batch,
  failure: Failure,
): DiscardedBatch {
  return {
    mappingUuid,
    shardId,
    requestId,
    condition: 'RetryAttemptsExhausted',
    attempts: failedAttempts,
    failure,
    records: records.map(({ record }) => record),
  }
}
