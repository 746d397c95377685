import type { KinesisClient } from '@aws-sdk/client-kinesis'
import { CallSource } from './call-source.ts'
import { pacedCount, type PacingClock, pacer, systemClock } from './pacing.ts'
import { type Acknowledged, maximumRecordsPerCall, type OutgoingRecord, putRecords } from './put-records.ts'
import { TasksUnderWay } from './tasks-under-way.ts'

export interface SendOptions<R> {
  readonly client: KinesisClient
  readonly streamName: string
  /** Records a second; default as fast as the stream takes them. */
  readonly rate?: number
  /** Calls under way at once. */
  readonly concurrency: number
  /** Aborting it ends the sending: no new call is made, those under way end. */
  readonly signal: AbortSignal
  readonly onAcknowledged: (acknowledged: Acknowledged<R>) => void
  readonly onRefused: (count: number) => void
  /** What a rate goes by; its `sleep` ends early when `signal` aborts. Default: the system's. */
  readonly clock?: PacingClock
}

/**
 * Sends all records and resolves when the stream has each of them, or, after an abort, each that was begun. While a call
 * has records that were refused no other one begins: new records would take what little the stream takes, and those that
 * were refused would be so again and again.
 * @throws the first failure of a call, or the failure of `records`, after all calls under way have ended.
 */
export async function sendRecords<R extends OutgoingRecord>(
  records: AsyncIterable<R>,
  options: SendOptions<R>,
): Promise<void> {
  const { client, streamName, rate, concurrency, signal, onAcknowledged, onRefused } = options
  const pace = pacer(rate, options.clock ?? systemClock(signal))
  const mostRecords = pacedCount(maximumRecordsPerCall, rate)
  const source = new CallSource(records)
  const underWay = new TasksUnderWay(concurrency)
  const ended = AbortSignal.any([signal, underWay.failed])
  const refused = { calls: 0 }
  const put = async (call: readonly R[]): Promise<void> => {
    let isRefused = false
    const onCallRefused = (count: number): void => {
      if (!isRefused) refused.calls++
      isRefused = true
      onRefused(count)
    }
    await putRecords(client, streamName, call, onAcknowledged, onCallRefused).finally(() => {
      if (isRefused) refused.calls--
    })
  }

  try {
    while (!ended.aborted) {
      while (refused.calls > 0 && !ended.aborted) await underWay.oneEnded()
      // Paced before they are taken: a record's event time is the moment when it is taken.
      await pace(mostRecords)
      const call = await source.take(mostRecords, ended)
      if (ended.aborted || call.length === 0) break
      await underWay.begin(() => put(call))
    }
  } finally {
    await underWay.allEnded()
    await source.close()
  }
  underWay.throwFailure()
}
