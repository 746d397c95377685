import { backoffMs } from './backoff.ts'
import { type Batch, createBatch, type DiscardReason } from './batch.ts'
import type { BufferedRecord } from './buffered-record.ts'
import { measureBatch } from './event-payload.ts'
import type { Failure, Outcome } from './outcome.ts'
import {
  callWithin,
  closingCall,
  emptyState,
  idleWindowMs,
  type OpenWindow,
  type WindowCall,
  windowStartOf,
} from './tumbling-window.ts'

/** The settings of a mapping that a lane obeys; -1 is without end. */
export interface LaneRules {
  readonly batchSize: number
  readonly maximumBatchingWindowMs: number
  readonly maximumRetryAttempts: number
  readonly maximumRecordAgeMs: number
  readonly bisectBatchOnFunctionError: boolean
  /** 0: no windows. */
  readonly tumblingWindowMs: number
  /** How long the stream keeps a record. */
  readonly retentionMs: number
}

/** The records of a shard whose keys share a lane: in order, one batch at a time. */
export interface Lane {
  /** Not yet in a batch. */
  readonly waiting: BufferedRecord[]
  /** Batches whose turn has come, the next one first: the rest of a bisected batch lies behind its first half. */
  pending: Batch[]
  /** What is being done: an invocation of the first pending batch, or the report of one that is given up. */
  underWay: { readonly kind: 'invocation' | 'report'; readonly batch: Batch } | undefined
  /** When the batching window began that gathers records now. */
  gatheringSinceMs: number
  window: OpenWindow | undefined
  /** No record will follow. */
  isShardEnded: boolean
}

/**
 * What a lane wants next; what it is told to begin has begun, until `settle` or `settleDiscard` ends it. `state` is the
 * tumbling window's, as JSON.
 */
export type LaneStep =
  | { readonly kind: 'invoke'; readonly batch: Batch; readonly state: string }
  | {
      readonly kind: 'discard'
      readonly batch: Batch
      readonly state: string
      readonly reason: DiscardReason
    }
  /** To be asked again, at that time at the latest. */
  | { readonly kind: 'wait'; readonly untilMs: number }

/** An empty lane, whose first batching window begins now. */
export function createLane(nowMs: number): Lane {
  return {
    waiting: [],
    pending: [],
    underWay: undefined,
    gatheringSinceMs: nowMs,
    window: undefined,
    isShardEnded: false,
  }
}

/**
 * Appends a record to a lane.
 *
 * A batching window that ended without a record is followed by the next one at once: the record waits for the end of
 * the window it falls into. AWS says only when a window begins after an invocation; the rest is inferred.
 */
export function enqueue(lane: Lane, record: BufferedRecord, rules: LaneRules, nowMs: number): void {
  const gatheringMs = rules.maximumBatchingWindowMs
  if (lane.waiting.length === 0 && gatheringMs > 0) {
    lane.gatheringSinceMs += Math.floor((nowMs - lane.gatheringSinceMs) / gatheringMs) * gatheringMs
  }
  lane.waiting.push(record)
}

/** Decides what a lane does now. */
export function nextStep(lane: Lane, rules: LaneRules, nowMs: number, random: () => number): LaneStep {
  if (lane.underWay !== undefined) return { kind: 'wait', untilMs: Infinity }
  const exhausted = lane.pending[0]?.exhaustedBy === undefined ? undefined : lane.pending.shift()
  if (exhausted !== undefined) return discard(lane, exhausted, 'retries-exhausted')
  for (const [reason, ageMs] of agesOf(rules)) {
    const aged = takeAged(lane, rules, ageMs, nowMs, random)
    if (aged !== undefined) return discard(lane, aged, reason)
  }
  const batch = lane.pending[0] ?? closeBatch(lane, rules, nowMs, random)
  if (batch === undefined || nowMs < batch.notBeforeMs) return waitFor(lane, rules)
  const fitting = cutToFit(lane, batch, nowMs, random)
  lane.underWay = { kind: 'invocation', batch: fitting }
  return { kind: 'invoke', batch: fitting, state: stateOf(lane, fitting) }
}

/**
 * Applies what the attempt under way came to, and returns the records that need no more delivery.
 *
 * Partial success makes a new batch of the rest, with its own request id and all its retries, at once; AWS is not
 * known to fill such a batch up with newer records. A failed batch of several records is halved where the mapping
 * bisects, which uses no retry; its halves go one after the other, each with a request id and retries of its own.
 * Another one waits and is tried again as it is, until its retries are used up. A refused one waits without using any.
 */
export function settle(
  lane: Lane,
  rules: LaneRules,
  outcome: Outcome,
  nowMs: number,
  random: () => number,
): readonly BufferedRecord[] {
  if (lane.underWay?.kind !== 'invocation') throw new Error('a lane has no invocation to settle')
  const { batch } = lane.underWay
  lane.underWay = undefined
  const later = lane.pending.slice(1)
  if (outcome.kind === 'succeeded') {
    lane.pending = later
    goOn(lane, batch, outcome.state, nowMs)
    return batch.records
  }
  if (outcome.kind === 'partly-failed') {
    lane.pending = [
      createBatch(batch.records.slice(outcome.doneRecords), batch.window, nowMs, random),
      ...later,
    ]
    goOn(lane, batch, outcome.state, nowMs)
    return batch.records.slice(0, outcome.doneRecords)
  }
  if (outcome.kind === 'failed') retry(lane, rules, batch, outcome.failure, nowMs, random)
  else {
    batch.refusals += 1
    batch.notBeforeMs = nowMs + backoffMs(batch.refusals, random())
  }
  return []
}

/** Notes that the report under way has been made; the records of the batch are done. */
export function settleDiscard(lane: Lane, nowMs: number): readonly BufferedRecord[] {
  if (lane.underWay?.kind !== 'report') throw new Error('a lane has no report to settle')
  const { batch } = lane.underWay
  lane.underWay = undefined
  goOn(lane, batch, undefined, nowMs)
  return batch.records
}

/** Whether nothing is under way or left to do, but for a tumbling window that is open. */
export function isIdle({ waiting, pending, underWay }: Lane): boolean {
  return waiting.length === 0 && pending.length === 0 && underWay === undefined
}

/** Of the window that a batch belongs to, if that is open. */
function stateOf({ window }: Lane, batch: Batch): string {
  return window !== undefined && window.startMs === batch.window?.startMs ? window.state : emptyState
}

function discard(lane: Lane, batch: Batch, reason: DiscardReason): LaneStep {
  lane.underWay = { kind: 'report', batch }
  return { kind: 'discard', batch, state: stateOf(lane, batch), reason }
}

/** The first of a window's records that its state leaves room for: the state may have grown since they were gathered. */
function cutToFit(lane: Lane, batch: Batch, nowMs: number, random: () => number): Batch {
  const { records, window } = batch
  const fitting =
    window === undefined
      ? records.length
      : measureBatch(records, records.length, undefined, stateOf(lane, batch)).records
  if (fitting === records.length) {
    lane.pending[0] = batch
    return batch
  }
  const [first, rest] = [records.slice(0, fitting), records.slice(fitting)].map((part) =>
    createBatch(part, window, nowMs, random),
  ) as [Batch, Batch]
  lane.pending.splice(0, 1, first, rest)
  return first
}

/** The record's age is asked first: what it ends is reported, what the stream no longer keeps is not. */
function agesOf(rules: LaneRules): (readonly [DiscardReason, number])[] {
  const retention = ['retention-exceeded', rules.retentionMs] as const
  const { maximumRecordAgeMs } = rules
  return maximumRecordAgeMs === -1 ? [retention] : [['record-age-exceeded', maximumRecordAgeMs], retention]
}

/** Cuts off the records that are older than `ageMs`; they come first, and the others go on as a batch of their own. */
function takeAged(
  lane: Lane,
  rules: LaneRules,
  ageMs: number,
  nowMs: number,
  random: () => number,
): Batch | undefined {
  const isAged = ({ record }: BufferedRecord): boolean => nowMs - record.arrivalMs >= ageMs
  const [batch, ...later] = lane.pending
  if (batch === undefined) {
    const first = lane.waiting[0]
    if (first === undefined || !isAged(first)) return undefined
    const window = windowOf(first, rules)
    const joins = (each: BufferedRecord): boolean => isAged(each) && isWithin(each, window, rules)
    const { records: aged } = measureBatch(lane.waiting, rules.batchSize, joins, window && emptyState)
    return createBatch(lane.waiting.splice(0, aged), window, nowMs, random)
  }
  if (batch.records.length === 0) {
    // A window's last call carries no record; what it ends is as old as its end.
    if (batch.window === undefined || nowMs - batch.window.endMs < ageMs) return undefined
    lane.pending = later
    return batch
  }
  const firstYoung = batch.records.findIndex((each) => !isAged(each))
  const aged = firstYoung === -1 ? batch.records.length : firstYoung
  if (aged === 0) return undefined
  const rest = batch.records.slice(aged)
  lane.pending = rest.length === 0 ? later : [createBatch(rest, batch.window, nowMs, random), ...later]
  return { ...batch, records: batch.records.slice(0, aged) }
}

function retry(
  lane: Lane,
  rules: LaneRules,
  batch: Batch,
  failure: Failure,
  nowMs: number,
  random: () => number,
): void {
  if (rules.bisectBatchOnFunctionError && batch.records.length > 1) {
    const middle = Math.floor(batch.records.length / 2)
    const half = (from: number, to: number): Batch =>
      createBatch(batch.records.slice(from, to), batch.window, nowMs, random)
    lane.pending.splice(0, 1, half(0, middle), half(middle, batch.records.length))
    return
  }
  batch.failedAttempts += 1
  batch.refusals = 0
  batch.notBeforeMs = nowMs + backoffMs(batch.failedAttempts, random())
  const isExhausted = rules.maximumRetryAttempts !== -1 && batch.failedAttempts > rules.maximumRetryAttempts
  if (isExhausted) batch.exhaustedBy = failure
}

/** After a batch, or its first part, is done. On streams a batching window begins then, not with its first record. */
function goOn(lane: Lane, { window }: Batch, state: string | undefined, nowMs: number): void {
  lane.gatheringSinceMs = nowMs
  if (window?.isFinal === true) lane.window = undefined
  else if (lane.window !== undefined && state !== undefined) lane.window.state = state
}

/** What the waiting records, or the time, make a batch of now. */
function closeBatch(lane: Lane, rules: LaneRules, nowMs: number, random: () => number): Batch | undefined {
  const [first] = lane.waiting
  if (lane.window !== undefined) {
    const call = closingCall(lane.window, first?.record, lane.isShardEnded, nowMs)
    if (call !== undefined) return createBatch([], call, nowMs, random)
  }
  if (first === undefined) return undefined
  const window = windowOf(first, rules)
  const joins = (each: BufferedRecord): boolean => isWithin(each, window, rules)
  const state = window && (lane.window?.state ?? emptyState)
  const { records, isFull } = measureBatch(lane.waiting, rules.batchSize, joins, state)
  if (!isFull && nowMs < gatheringEndMs(lane, rules)) return undefined
  if (window !== undefined)
    lane.window ??= { startMs: window.startMs, lengthMs: rules.tumblingWindowMs, state: emptyState }
  return createBatch(lane.waiting.splice(0, records), window, nowMs, random)
}

function windowOf({ record }: BufferedRecord, { tumblingWindowMs }: LaneRules): WindowCall | undefined {
  if (tumblingWindowMs === 0) return undefined
  return callWithin(windowStartOf(record.arrivalMs, tumblingWindowMs), tumblingWindowMs)
}

function isWithin(record: BufferedRecord, window: WindowCall | undefined, rules: LaneRules): boolean {
  return windowOf(record, rules)?.startMs === window?.startMs
}

/** Until a batch is due, or the first record too old. */
function waitFor(lane: Lane, rules: LaneRules): LaneStep {
  const [batch] = lane.pending
  const first = batch === undefined ? lane.waiting[0] : batch.records[0]
  const agedMs = Math.min(...agesOf(rules).map(([, ageMs]) => ageMs))
  const expiryMs = (first?.record.arrivalMs ?? batch?.window?.endMs ?? Infinity) + agedMs
  const idleMs =
    lane.window === undefined ? Infinity : lane.window.startMs + lane.window.lengthMs + idleWindowMs
  const dueMs = batch?.notBeforeMs ?? (first === undefined ? idleMs : gatheringEndMs(lane, rules))
  return { kind: 'wait', untilMs: Math.min(dueMs, expiryMs) }
}

function gatheringEndMs(lane: Lane, rules: LaneRules): number {
  return lane.gatheringSinceMs + rules.maximumBatchingWindowMs
}
