import { describe, expect, it } from 'vitest'
import { backlogIntervalMs } from '../../../infra/tuning/lane.ts'
import { simulate } from './queueing-simulation.ts'

const batchSize = 100
const records = 40_000

/** Milliseconds from one swap of a shard to the next, while its lanes have a backlog. */
function simulatedMs(factor: number, batchMs: number, recordMs: number): number {
  const { lagsMs } = simulate(
    { shardCount: 1, parallelizationFactor: factor, batchSize, batchingWindowMs: 0 },
    {
      seed: factor,
      partitionKeys: 100_000,
      phases: [{ lastsMs: 1, recordsPerSecond: 1_000 * records }],
      batchMs,
      recordMs,
    },
  )
  return (lagsMs.at(-1) ?? 0) / (lagsMs.length / batchSize)
}

describe('the lanes of a shard, each of which has a backlog', () => {
  const costs = [
    [95, 0.05],
    [50, 0.5],
    [30, 0.7],
  ] as const
  const cases = costs.flatMap(([batchMs, recordMs]) =>
    [1, 2, 5, 10].map((factor) => [factor, batchMs, recordMs] as const),
  )

  it.each(cases)(
    '%i of %f ms a batch and %f ms a record store as often as is foretold, or oftener',
    (...one) => {
      const [factor, batchMs, recordMs] = one
      const foretoldMs = backlogIntervalMs({ factor, batchMs, recordMs, batchSize })
      const ratio = foretoldMs / simulatedMs(factor, batchMs, recordMs)
      expect(ratio).toBeGreaterThan(0.95)
      expect(ratio).toBeLessThan(1.35)
    },
  )

  it('gain nothing where only the fixed part takes time, and all where it takes none', () => {
    expect(simulatedMs(1, 100, 0) / simulatedMs(5, 100, 0)).toBeCloseTo(1, 1)
    expect(simulatedMs(1, 0, 1) / simulatedMs(5, 0, 1)).toBeGreaterThan(4)
  })
})
