import { describe, expect, it } from 'vitest'
import { type BufferedRecord, bufferRecord } from '../../../local/event-source-mapping/buffered-record.ts'
import {
  createLane,
  enqueue,
  isIdle,
  type Lane,
  type LaneRules,
  nextStep,
  settle,
  settleDiscard,
} from '../../../local/event-source-mapping/lane.ts'
import type { Outcome } from '../../../local/event-source-mapping/outcome.ts'
import { laneRules, recordOf } from './records.ts'

const FAILED: Outcome = {
  kind: 'failed',
  failure: { reason: 'function-error', errorType: 'Error', errorMessage: 'thrown' },
}
const REFUSED: Outcome = { kind: 'refused', reason: 'throttled' }
const NEVER = { kind: 'wait', untilMs: Infinity }

const leastRandom = (): number => 0

/** Draws that differ, so that request ids do. */
function countingRandom(): () => number {
  let draws = 0
  return () => (draws++ % 97) / 97
}

function record(sequenceNumber: number): BufferedRecord {
  return bufferRecord(recordOf({ sequenceNumber: String(sequenceNumber) }))
}

function laneWith(rules: LaneRules, count: number, nowMs = 0): Lane {
  const lane = createLane(0)
  for (let number = 1; number <= count; number += 1) enqueue(lane, record(number), rules, nowMs)
  return lane
}

function invoked(lane: Lane, rules: LaneRules, nowMs: number, random = countingRandom()): string[] {
  const step = nextStep(lane, rules, nowMs, random)
  if (step.kind !== 'invoke') throw new Error(`the lane wants to ${step.kind}`)
  return step.batch.records.map(({ record: { sequenceNumber } }) => sequenceNumber)
}

function sequenceNumbers(records: readonly BufferedRecord[]): string[] {
  return records.map(({ record: { sequenceNumber } }) => sequenceNumber)
}

describe('a lane', () => {
  it('waits without end while it is empty', () => {
    expect(nextStep(createLane(0), laneRules(), 0, Math.random)).toEqual(NEVER)
  })

  it('waits while its batch is in flight, however much is there', () => {
    const rules = laneRules({ batchSize: 1 })
    const lane = laneWith(rules, 3)
    expect(invoked(lane, rules, 0)).toEqual(['1'])
    expect(nextStep(lane, rules, 1_000_000, Math.random)).toEqual(NEVER)
    settle(lane, rules, { kind: 'succeeded' }, 5, Math.random)
    expect(invoked(lane, rules, 5)).toEqual(['2'])
  })

  it('is settled only as what is under way ends', () => {
    const rules = laneRules({ maximumRetryAttempts: 0 })
    const lane = laneWith(rules, 1)
    expect(() => settle(lane, rules, { kind: 'succeeded' }, 0, Math.random)).toThrow('no invocation')
    expect(() => settleDiscard(lane, 0)).toThrow('no report')
    invoked(lane, rules, 0)
    expect(() => settleDiscard(lane, 0)).toThrow('no report')
    settle(lane, rules, FAILED, 0, Math.random)
    expect(nextStep(lane, rules, 0, Math.random)).toMatchObject({ kind: 'discard' })
    expect(() => settle(lane, rules, { kind: 'succeeded' }, 0, Math.random)).toThrow('no invocation')
  })
})

describe('the batching window', () => {
  const rules = laneRules({ batchSize: 3, maximumBatchingWindowMs: 100 })

  it('holds a batch that is not full until it ends', () => {
    const lane = laneWith(rules, 2, 40)
    expect(nextStep(lane, rules, 40, Math.random)).toEqual({ kind: 'wait', untilMs: 100 })
    expect(nextStep(lane, rules, 99, Math.random)).toEqual({ kind: 'wait', untilMs: 100 })
    expect(invoked(lane, rules, 100)).toEqual(['1', '2'])
  })

  it('does not hold a full batch', () => {
    expect(invoked(laneWith(rules, 4, 40), rules, 40)).toEqual(['1', '2', '3'])
  })

  it('begins anew when the invocation before it ends', () => {
    const lane = laneWith(rules, 4, 40)
    invoked(lane, rules, 40)
    settle(lane, rules, { kind: 'succeeded' }, 270, Math.random)
    expect(nextStep(lane, rules, 270, Math.random)).toEqual({ kind: 'wait', untilMs: 370 })
  })

  it('follows on itself while nothing comes', () => {
    const lane = laneWith(rules, 1, 1_030)
    expect(nextStep(lane, rules, 1_030, Math.random)).toEqual({ kind: 'wait', untilMs: 1_100 })
  })

  it('of zero sends what there is', () => {
    const none = laneRules()
    expect(invoked(laneWith(none, 1, 7), none, 7)).toEqual(['1'])
  })
})

describe('a failed batch', () => {
  it('waits about 200 ms, then twice as long, and is the same batch each time', () => {
    const rules = laneRules()
    const lane = laneWith(rules, 2)
    expect(invoked(lane, rules, 0)).toEqual(['1', '2'])
    const [batch] = lane.pending
    enqueue(lane, record(3), rules, 0)
    settle(lane, rules, FAILED, 1_000, leastRandom)
    expect(nextStep(lane, rules, 1_000, leastRandom)).toEqual({ kind: 'wait', untilMs: 1_180 })
    expect(invoked(lane, rules, 1_180)).toEqual(['1', '2'])
    settle(lane, rules, FAILED, 1_180, leastRandom)
    expect(nextStep(lane, rules, 1_180, leastRandom)).toEqual({ kind: 'wait', untilMs: 1_540 })
    expect(lane.pending).toEqual([batch])
  })

  it.each([0, 1, 3])(
    'is given up after %i retries, and done when that is reported',
    (maximumRetryAttempts) => {
      const rules = laneRules({ maximumRetryAttempts })
      const lane = laneWith(rules, 2)
      for (let attempt = 0; attempt <= maximumRetryAttempts; attempt += 1) {
        invoked(lane, rules, attempt * 1_000_000)
        expect(settle(lane, rules, FAILED, attempt * 1_000_000, Math.random)).toEqual([])
      }
      const step = nextStep(lane, rules, maximumRetryAttempts * 1_000_000, Math.random)
      expect(step).toMatchObject({
        kind: 'discard',
        reason: 'retries-exhausted',
        batch: { failedAttempts: maximumRetryAttempts + 1, exhaustedBy: { reason: 'function-error' } },
      })
      expect(isIdle(lane)).toBe(false)
      expect(sequenceNumbers(settleDiscard(lane, 0))).toEqual(['1', '2'])
      expect(isIdle(lane)).toBe(true)
    },
  )

  it('is never given up with -1', () => {
    const rules = laneRules({ maximumRetryAttempts: -1 })
    const lane = laneWith(rules, 1)
    for (let attempt = 0; attempt < 20_000; attempt += 1) {
      invoked(lane, rules, attempt * 1_000_000)
      settle(lane, rules, FAILED, attempt * 1_000_000, Math.random)
    }
    expect(lane.pending[0]?.failedAttempts).toBe(20_000)
  })

  it('is halved where the mapping bisects, the left half first', () => {
    const rules = laneRules({ bisectBatchOnFunctionError: true, maximumRetryAttempts: 0 })
    const lane = laneWith(rules, 5)
    invoked(lane, rules, 0)
    settle(lane, rules, FAILED, 0, Math.random)
    expect(lane.pending.map(({ records }) => sequenceNumbers(records))).toEqual([
      ['1', '2'],
      ['3', '4', '5'],
    ])
    expect(invoked(lane, rules, 0)).toEqual(['1', '2'])
  })
})

describe('a refused batch', () => {
  it('uses no retry, and waits longer each time', () => {
    const rules = laneRules({ maximumRetryAttempts: 0, bisectBatchOnFunctionError: true })
    const lane = laneWith(rules, 2)
    const waits: number[] = []
    let nowMs = 0
    for (let refusal = 0; refusal < 4; refusal += 1) {
      invoked(lane, rules, nowMs)
      settle(lane, rules, REFUSED, nowMs, leastRandom)
      const step = nextStep(lane, rules, nowMs, leastRandom)
      if (step.kind !== 'wait') throw new Error(`the lane wants to ${step.kind}`)
      waits.push(step.untilMs - nowMs)
      nowMs = step.untilMs
    }
    expect(waits).toEqual([180, 360, 720, 1440])
    expect(invoked(lane, rules, nowMs)).toEqual(['1', '2'])
  })

  it('begins with a short wait again after an attempt that reached the function', () => {
    const rules = laneRules()
    const lane = laneWith(rules, 1)
    const outcomes = [REFUSED, REFUSED, FAILED, REFUSED]
    outcomes.forEach((outcome, index) => {
      invoked(lane, rules, index * 1_000_000)
      settle(lane, rules, outcome, index * 1_000_000, leastRandom)
    })
    expect(nextStep(lane, rules, 3_000_000, leastRandom)).toEqual({ kind: 'wait', untilMs: 3_000_180 })
  })
})

describe('a partly failed batch', () => {
  it('goes on at once with the rest as a new batch that has all its retries', () => {
    const rules = laneRules({ maximumRetryAttempts: 1 })
    const lane = laneWith(rules, 4)
    const random = countingRandom()
    invoked(lane, rules, 0, random)
    settle(lane, rules, FAILED, 0, random)
    invoked(lane, rules, 1_000, random)
    const requestId = lane.pending[0]?.requestId
    const finished = settle(lane, rules, { kind: 'partly-failed', doneRecords: 1 }, 1_000, random)
    expect(sequenceNumbers(finished)).toEqual(['1'])
    expect(invoked(lane, rules, 1_000, random)).toEqual(['2', '3', '4'])
    expect(lane.pending).toMatchObject([{ failedAttempts: 0 }])
    expect(lane.pending[0]?.requestId).not.toBe(requestId)
  })
})
