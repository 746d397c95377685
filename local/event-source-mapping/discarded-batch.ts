import type { DiscardReason } from './batch.ts'
import type { Failure } from './outcome.ts'
import type { StreamRecord, StreamSource } from './stream-source.ts'
import type { WindowCall } from './tumbling-window.ts'

/** A batch that was given up: its records are passed by and not delivered again. */
export interface DiscardedBatch {
  readonly mappingUuid: string
  readonly functionArn: string
  readonly source: Pick<StreamSource, 'kind' | 'streamArn'>
  readonly shardId: string
  /** That of each attempt, or a fresh one where there was none. */
  readonly requestId: string
  /** What the stream no longer keeps is reported nowhere. */
  readonly reason: Exclude<DiscardReason, 'retention-exceeded'>
  /** At least 1: AWS says so even where the function was not invoked. */
  readonly approximateInvokeCount: number
  /** Why the last attempt failed; `undefined` where the records became too old. */
  readonly failure: Failure | undefined
  /** None in the last call of a tumbling window. */
  readonly records: readonly StreamRecord[]
  readonly window: WindowCall | undefined
  /** The event as it was sent, or would have been. */
  readonly payload: string
}
