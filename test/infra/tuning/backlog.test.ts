import { describe, expect, it } from 'vitest'
import { backlogPace } from '../../../infra/tuning/backlog-pace.ts'
import { type Backlog, workOff } from '../../../infra/tuning/backlog.ts'
import { engineAtWork } from './engine-at-work.ts'

const batchSize = 5
const records = 1_000

const backlog = (factor: number, changes: Partial<Backlog> = {}): Backlog => ({
  costs: { batchMs: 4, recordMs: 0.8, foldMs: 0, requestMs: 6, waitMs: 0 },
  factor,
  batchSize,
  shards: [Array.from({ length: records }, (_, index) => index % factor)],
  ...changes,
})
const durationMs = (some: Backlog): number => workOff(some).durationMs
const batches = records / batchSize

describe('a lane that is all alone', () => {
  it('reads once, and swaps once a batch', () => {
    expect(workOff(backlog(1))).toMatchObject({ batches, requests: batches + 1 })
    expect(durationMs(backlog(1))).toBeCloseTo(batches * (4 + 4 + 6) + 6)
  })

  it('makes one request more where ids are sealed', () => {
    // Four batches fill a cell, and the fifth passes the bound.
    expect(workOff(backlog(1, { activeIds: 20 })).requests).toBe(batches + 1 + batches / 5)
  })

  it('waits for its answers, and for its turn on the cores', () => {
    const costs = { batchMs: 0, recordMs: 1, foldMs: 0, requestMs: 0, waitMs: 50 }
    expect(durationMs(backlog(1, { costs }))).toBeCloseTo(batches * 55 + 50)
    const [all] = backlog(1).shards
    const shards = Array.from({ length: 4 }, () => all ?? [])
    const [shared, own] = [1, 4].map((cores) => durationMs(backlog(1, { shards, cores })))
    expect(own).toBeCloseTo(durationMs(backlog(1)))
    expect((shared ?? 0) / (own ?? 0)).toBeCloseTo(4)
  })
})

/** How much faster five lanes are than one. */
function speedUp(costs: Backlog['costs']): number {
  return durationMs(backlog(1, { costs })) / durationMs(backlog(5, { costs }))
}

describe('the lanes of a shard', () => {
  it('fold their records again with each attempt, and decode them once', () => {
    const costs = { batchMs: 0, recordMs: 0, foldMs: 0, requestMs: 0, waitMs: 20 }
    const worked = (changes: Partial<Backlog['costs']>): number =>
      workOff(backlog(5, { costs: { ...costs, ...changes } })).workedMs
    expect(worked({ recordMs: 0.001 })).toBeCloseTo(records * 0.001)
    expect(worked({ foldMs: 0.001 })).toBeGreaterThan(1.1 * records * 0.001)
  })

  it('gain nothing where requests take the time, and all where records do', () => {
    const none = { batchMs: 0, recordMs: 0, foldMs: 0, requestMs: 0, waitMs: 0 }
    expect(speedUp({ ...none, waitMs: 100 })).toBeLessThan(1)
    expect(speedUp({ ...none, recordMs: 10 })).toBeGreaterThan(4)
    expect(speedUp({ ...none, batchMs: 50 })).toBeGreaterThan(4)
  })

  it('wait for a lane that has no turn, when its records are all that may be in hand', () => {
    const costs = { batchMs: 0, recordMs: 0, foldMs: 0, requestMs: 0, waitMs: 100 }
    const [roomy, narrow] = [records, 50].map((recordsInHand) =>
      durationMs(backlog(5, { costs, recordsInHand })),
    )
    expect((narrow ?? 0) / (roomy ?? 0)).toBeGreaterThan(1.2)
  })

  const costs = {
    'requests take the time': { batchMs: 0, recordMs: 1, foldMs: 0, requestMs: 0, waitMs: 100 },
    'both take as long': { batchMs: 10, recordMs: 4, foldMs: 0, requestMs: 10, waitMs: 20 },
    'folding takes the time': { batchMs: 0, recordMs: 8, foldMs: 4, requestMs: 4, waitMs: 0 },
    'records take the time': { batchMs: 0, recordMs: 30, foldMs: 0, requestMs: 4, waitMs: 0 },
  }
  const cases = Object.entries(costs).flatMap(([name, some]) =>
    [1, 2, 5, 10].map((factor) => [name, factor, some] as const),
  )

  it.each(cases)('are as fast as the engine where %s, %i at once', async (_name, factor, some) => {
    const one = backlog(factor, { costs: some, activeIds: 25, recordsInHand: Infinity })
    const runs = await Promise.all([1, 2, 3, 4, 5].map((seed) => engineAtWork(one, seed)))
    const mean = (of: 'durationMs' | 'requests'): number =>
      runs.reduce((sum, run) => sum + run[of], 0) / runs.length
    const model = workOff(one)
    expect(model.durationMs / mean('durationMs')).toBeGreaterThan(0.9)
    expect(model.durationMs / mean('durationMs')).toBeLessThan(1.1)
    expect(model.requests / mean('requests')).toBeGreaterThan(0.85)
    expect(model.requests / mean('requests')).toBeLessThan(1.15)
  })
})

describe('the pace of a backlog', () => {
  const costs = { batchSize: 100, batchMs: 20, repeatMs: 20, recordMs: 0.1 }

  it('is that of its batches at factor 1, none of which is repeated', () => {
    expect(backlogPace({ ...costs, factor: 1 }).recordsPerSecond / (100_000 / 30)).toBeCloseTo(1, 1)
    expect(backlogPace({ ...costs, factor: 1 }).repeats).toBe(0)
  })

  it('counts the records that there are, also where batches are not full', () => {
    const factor = 5
    const halves = { batchMs: 200, recordMs: 0, foldMs: 0, requestMs: 200, waitMs: 0 }
    const shards = [Array.from({ length: 40_000 * factor }, (_, index) => index % factor)]
    const whole = { costs: halves, factor, batchSize: 1_000, shards }
    const { recordsPerSecond } = backlogPace({ ...whole, batchMs: 400, repeatMs: 400, recordMs: 0 })
    const ratio = recordsPerSecond / ((shards[0]?.length ?? 0) / (durationMs(whole) / 1_000))
    expect(ratio).toBeGreaterThan(0.95)
    expect(ratio).toBeLessThan(1.05)
  })

  it('grows with the factor where records take the time, and batches are repeated', () => {
    const heavy = { ...costs, recordMs: 5 }
    const [one, ten] = [1, 10].map((factor) => backlogPace({ ...heavy, factor }))
    const ratio = (ten?.recordsPerSecond ?? 0) / (one?.recordsPerSecond ?? Infinity)
    expect(ratio).toBeGreaterThan(3)
    // A fifth of a record's time is for folding, and no two swaps that are stored fold at once.
    expect(ratio).toBeLessThan(5)
    expect(ten?.repeats).toBeGreaterThan(0)
  })
})
