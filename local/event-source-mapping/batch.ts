import type { BufferedRecord } from './buffered-record.ts'
import type { Failure } from './outcome.ts'
import { createRequestId } from './request-id.ts'
import type { WindowCall } from './tumbling-window.ts'

/** Records that travel together until they are done; every attempt at them carries the same request id. */
export interface Batch {
  readonly requestId: string
  /** None in the last call of a tumbling window. */
  readonly records: readonly BufferedRecord[]
  /** The tumbling window that it belongs to, of a mapping that has some. */
  readonly window: WindowCall | undefined
  /** Attempts that failed; they count against the retries. */
  failedAttempts: number
  /** Refusals since the last attempt that was not refused; they only lengthen the wait. */
  refusals: number
  notBeforeMs: number
  /** Why the last attempt failed, once no retry is left. */
  exhaustedBy: Failure | undefined
}

/** A batch with a request id of its own and all its retries, to be sent from `nowMs` on. */
export function createBatch(
  records: readonly BufferedRecord[],
  window: WindowCall | undefined,
  nowMs: number,
  random: () => number,
): Batch {
  const requestId = createRequestId(random)
  return {
    requestId,
    records,
    window,
    failedAttempts: 0,
    refusals: 0,
    notBeforeMs: nowMs,
    exhaustedBy: undefined,
  }
}

/** Why a batch is passed by: its retries are used up, its records too old, or gone from the stream. */
export type DiscardReason = 'retries-exhausted' | 'record-age-exceeded' | 'retention-exceeded'
