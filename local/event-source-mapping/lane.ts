import { backoffMs } from './backoff.ts'
import type { BufferedRecord } from './buffered-record.ts'
import { measureBatch } from './event-payload.ts'
import type { Failure, Outcome } from './outcome.ts'
import { createRequestId } from './request-id.ts'

/** The settings of a mapping that a lane obeys. */
export interface LaneRules {
  readonly batchSize: number
  readonly maximumBatchingWindowMs: number
  /** -1: without end. */
  readonly maximumRetryAttempts: number
}

/** Records that travel together until they are done; every attempt at them carries the same request id. */
export interface Batch {
  readonly requestId: string
  readonly records: readonly BufferedRecord[]
  /** Attempts that failed; they count against the retries. */
  failedAttempts: number
  /** Refusals since the last attempt that was not refused; they only lengthen the wait. */
  refusals: number
  invoking: boolean
  notBeforeMs: number
}

/** The records of a shard whose keys share a lane: in order, one batch at a time. */
export interface Lane {
  readonly waiting: BufferedRecord[]
  batch: Batch | undefined
  windowStartMs: number
}

/** What a lane wants next: to invoke the function, to be asked again at a time, or nothing. */
export type LaneStep =
  | { readonly kind: 'invoke'; readonly batch: Batch }
  | { readonly kind: 'wait'; readonly untilMs: number }
  | { readonly kind: 'rest' }

/** An empty lane, whose first batching window begins now. */
export function createLane(nowMs: number): Lane {
  return { waiting: [], batch: undefined, windowStartMs: nowMs }
}

/**
 * Appends a record to a lane.
 *
 * A window that ended without a record is followed by the next one at once: the record waits for the end of the
 * window it falls into. AWS says only when a window begins after an invocation; the rest is inferred.
 */
export function enqueue(lane: Lane, record: BufferedRecord, rules: LaneRules, nowMs: number): void {
  const windowMs = rules.maximumBatchingWindowMs
  if (lane.waiting.length === 0 && windowMs > 0) {
    lane.windowStartMs += Math.floor((nowMs - lane.windowStartMs) / windowMs) * windowMs
  }
  lane.waiting.push(record)
}

/** Decides what a lane does now. A batch that is to be invoked is in flight from then on, until it is settled. */
export function nextStep(lane: Lane, rules: LaneRules, nowMs: number, random: () => number): LaneStep {
  lane.batch ??= closeBatch(lane, rules, nowMs, random)
  if (lane.batch === undefined) {
    if (lane.waiting.length === 0) return { kind: 'rest' }
    return { kind: 'wait', untilMs: windowEndMs(lane, rules) }
  }
  if (lane.batch.invoking) return { kind: 'rest' }
  if (nowMs < lane.batch.notBeforeMs) return { kind: 'wait', untilMs: lane.batch.notBeforeMs }
  lane.batch.invoking = true
  return { kind: 'invoke', batch: lane.batch }
}

/** What a settled attempt leaves behind. */
export interface Settled {
  /** Records that need no more delivery. */
  readonly finished: readonly BufferedRecord[]
  /** Why they are given up, if they are. */
  readonly discardedFor: Failure | undefined
}

/**
 * Applies what an attempt came to.
 *
 * Partial success makes a new batch of the rest, with its own request id and all its retries, at once; AWS is not
 * known to fill such a batch up with newer records. A failed batch waits and is tried again as it is, until its
 * retries are used up; a refused one waits without using any.
 */
export function settle(
  lane: Lane,
  rules: LaneRules,
  outcome: Outcome,
  nowMs: number,
  random: () => number,
): Settled {
  const batch = lane.batch
  if (batch === undefined || !batch.invoking)
    throw new Error('a lane without an invocation cannot be settled')
  batch.invoking = false

  if (outcome.kind === 'succeeded') return finishBatch(lane, batch, nowMs)
  if (outcome.kind === 'partly-failed') {
    lane.batch = createBatch(batch.records.slice(outcome.doneRecords), nowMs, random)
    return { finished: batch.records.slice(0, outcome.doneRecords), discardedFor: undefined }
  }
  if (outcome.kind === 'refused') {
    batch.refusals += 1
    batch.notBeforeMs = nowMs + backoffMs(batch.refusals, random())
    return { finished: [], discardedFor: undefined }
  }
  batch.failedAttempts += 1
  batch.refusals = 0
  if (rules.maximumRetryAttempts !== -1 && batch.failedAttempts > rules.maximumRetryAttempts) {
    return finishBatch(lane, batch, nowMs, outcome.failure)
  }
  batch.notBeforeMs = nowMs + backoffMs(batch.failedAttempts, random())
  return { finished: [], discardedFor: undefined }
}

function closeBatch(lane: Lane, rules: LaneRules, nowMs: number, random: () => number): Batch | undefined {
  if (lane.waiting.length === 0) return undefined
  const { records, full } = measureBatch(lane.waiting, rules.batchSize)
  if (!full && nowMs < windowEndMs(lane, rules)) return undefined
  return createBatch(lane.waiting.splice(0, records), nowMs, random)
}

function createBatch(records: readonly BufferedRecord[], nowMs: number, random: () => number): Batch {
  const requestId = createRequestId(random)
  return { requestId, records, failedAttempts: 0, refusals: 0, invoking: false, notBeforeMs: nowMs }
}

function finishBatch(lane: Lane, batch: Batch, nowMs: number, discardedFor?: Failure): Settled {
  lane.batch = undefined
  // On streams a window begins when the invocation before it ends, not with its first record.
  lane.windowStartMs = nowMs
  return { finished: batch.records, discardedFor }
}

function windowEndMs(lane: Lane, rules: LaneRules): number {
  return lane.windowStartMs + rules.maximumBatchingWindowMs
}
