import { setTimeout } from 'node:timers/promises'
import type { KinesisClient } from '@aws-sdk/client-kinesis'
import { type PacingClock, pacer } from './pacing.ts'
import {
  type Acknowledged,
  maximumBytesPerCall,
  maximumRecordBytes,
  maximumRecordsPerCall,
  type OutgoingRecord,
  putRecords,
} from './put-records.ts'

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
  const source = records[Symbol.asyncIterator]()
  const underWay = new Set<Promise<void>>()
  const failures: unknown[] = []

  try {
    while (!signal.aborted && failures.length === 0) {
      // Paced before they are taken: a record's event time is the moment when it is taken.
      await pace(mostRecords)
      const call = await takeCall(source, mostRecords)
      if (signal.aborted || call.length === 0) break
      const sending = putRecords(client, streamName, call, onAcknowledged, onRefused)
        .catch((error: unknown) => void failures.push(error))
        .finally(() => underWay.delete(sending))
      underWay.add(sending)
      if (underWay.size >= concurrency) await Promise.race(underWay)
    }
  } finally {
    await Promise.all(underWay)
    await source.return?.()
  }
  if (failures.length > 0) throw failures[0]
}

async function takeCall<R extends OutgoingRecord>(
  source: AsyncIterator<R>,
  mostRecords: number,
): Promise<R[]> {
  const call: R[] = []
  let bytes = 0
  while (call.length < mostRecords && bytes <= maximumBytesPerCall - maximumRecordBytes) {
    const next = await source.next()
    if (next.done === true) break
    call.push(next.value)
    bytes += next.value.data.length + Buffer.byteLength(next.value.partitionKey)
  }
  return call
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
