import { attempt } from './attempt.ts'
import type { Batch, DiscardReason } from './batch.ts'
import type { Clock } from './clock.ts'
import type { DiscardedBatch } from './discarded-batch.ts'
import { eventPayload } from './event-payload.ts'
import type { Invoke } from './invoke.ts'
import type { MappingObserver } from './mapping-observer.ts'
import { countAttempt, countEvents, type MappingCounters } from './mapping-stats.ts'
import type { Outcome } from './outcome.ts'
import type { MappingProperties } from './properties.ts'
import type { StreamSource } from './stream-source.ts'

/** Takes the report of a batch that is given up. Rejects if it cannot: the records are then dropped. */
export type ReportFailure = (discarded: DiscardedBatch) => Promise<void>

/** Where batches go, and reports of those that are given up. */
export interface DeliveryOptions {
  readonly source: Pick<StreamSource, 'kind' | 'streamArn'>
  readonly invoke: Invoke
  readonly clock: Clock
  /** As it is now; without one a batch that is given up is dropped. */
  readonly reportFailure: () => ReportFailure | undefined
  /** Told of each batch that is given up, when it has been reported or dropped. */
  readonly onDiscard?: (discarded: DiscardedBatch) => void
  /** Told of what could not be invoked or reported. */
  readonly onError: (error: unknown) => void
  /** As they are now. */
  readonly properties: () => MappingProperties
  readonly counters: MappingCounters
  readonly observer: MappingObserver
}

/** Sends batches to the function, or reports that they are given up, and counts both. */
export class Deliveries {
  readonly #options: DeliveryOptions

  constructor(options: DeliveryOptions) {
    this.#options = options
  }

  /** Delivers a batch once; `state` is its tumbling window's, as JSON. Never rejects. */
  async attempt(shardId: string, batch: Batch, state: string): Promise<Outcome> {
    const { invoke, clock, onError, properties, counters, observer } = this.#options
    const { reportBatchItemFailures } = properties()
    const sentMs = clock.nowMs()
    const payload = this.#payload(shardId, batch, state)
    const outcome = await attempt(batch, payload, { invoke, reportBatchItemFailures, onError })
    countAttempt(counters, observer, batch.records, sentMs, outcome)
    return outcome
  }

  /**
   * Reports a batch that is given up. What the stream no longer keeps is in no report. A report that cannot be made costs
   * the records, as in AWS, and holds up nothing.
   */
  async discard(shardId: string, batch: Batch, reason: DiscardReason, state: string): Promise<void> {
    const { source, onDiscard, onError, properties, counters, observer } = this.#options
    const reportFailure = this.#options.reportFailure()
    const { uuid: mappingUuid, functionArn } = properties()
    const { requestId, failedAttempts, exhaustedBy: failure, window } = batch
    const records = batch.records.map(({ record }) => record)
    if (reason === 'retention-exceeded') {
      counters.recordsLostToRetention += records.length
      onError(new Error(`${records.length} records of ${shardId} left the stream before they were done`))
      return
    }
    const discarded: DiscardedBatch = {
      mappingUuid,
      functionArn,
      source,
      shardId,
      requestId,
      reason,
      approximateInvokeCount: Math.max(1, failedAttempts),
      failure,
      records,
      window,
      payload: this.#payload(shardId, batch, state),
    }
    try {
      await reportFailure?.(discarded)
      const isReported = reportFailure !== undefined
      const fate = isReported ? 'OnFailureDestinationDeliveredEventCount' : 'DroppedEventCount'
      countEvents(counters, observer, fate, records.length)
    } catch (error) {
      counters.destinationDeliveryFailures += 1
      observer.onDestinationDeliveryFailure()
      countEvents(counters, observer, 'DroppedEventCount', records.length)
      onError(error)
    }
    onDiscard?.(discarded)
  }

  #payload(shardId: string, batch: Batch, state: string): string {
    return eventPayload(batch, state, { shardId, streamArn: this.#options.source.streamArn })
  }
}
