import { setTimeout } from 'node:timers/promises'
import type { KinesisClient } from '@aws-sdk/client-kinesis'
import { CallSource } from './call-source.ts'
import { type PacingClock, pacer } from './pacing.ts'
import { type Acknowledged, maximumRecordsPerCall, type OutgoingRecord, putRecords } from './put-records.ts'

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

/** At a rate a call carries no more than this share of a second, so that records leave as a stream and not in gushes. */
const paceSeconds = 0.1

/**
 * Sends all records and resolves when the stream has each of them, or, after an abort, each that was begun.
 * @throws the first failure of a call, or the failure of `records`, after all calls under way have ended.
 */
export async function sendRecords<R extends OutgoingRecord>(
  records: AsyncIterable<R>,
  options: SendOptions<R>,
): Promise<void> {
  const { client, streamName, rate, concurrency, signal, onAcknowledged, onRefused } = options
  const pace = pacer(rate, options.clock ?? systemClock(signal))
  const mostRecords = Math.min(
    maximumRecordsPerCall,
    rate === undefined ? maximumRecordsPerCall : Math.ceil(rate * paceSeconds),
  )
  const source = new CallSource(records)
  const underWay = new Set<Promise<void>>()
  const failures: unknown[] = []
  const failed = new AbortController()
  const ended = AbortSignal.any([signal, failed.signal])

  try {
    while (!ended.aborted) {
      // Paced before they are taken: a record's event time is the moment when it is taken.
      await pace(mostRecords)
      const call = await source.take(mostRecords, ended)
      if (ended.aborted || call.length === 0) break
      const sending = putRecords(client, streamName, call, onAcknowledged, onRefused)
        .catch((error: unknown) => {
          failures.push(error)
          failed.abort()
        })
        .finally(() => underWay.delete(sending))
      underWay.add(sending)
      if (underWay.size >= concurrency) await Promise.race(underWay)
    }
  } finally {
    await Promise.all(underWay)
    await source.close()
  }
  if (failures.length > 0) throw failures[0]
}

function systemClock(signal: AbortSignal): PacingClock {
  return {
    nowMs: () => Date.now(),
    sleep: async (durationMs) => {
      await setTimeout(durationMs, undefined, { signal }).catch(ignoreAbort)
    },
  }
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error
}
