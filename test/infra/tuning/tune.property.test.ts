import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { wholeCpuMemoryMb } from '../../../infra/tuning/service-limits.ts'
import { type Tuning, tune, TuningError, type Workload } from '../../../infra/tuning/tune.ts'
import { simulate } from './queueing-simulation.ts'

const workloads = fc.record({
  meanRecordsPerSecond: fc.integer({ min: 1, max: 2_000 }),
  peakRecordsPerSecond: fc.integer({ min: 2_000, max: 20_000 }),
  recordBytes: fc.integer({ min: 50, max: 5_000 }),
  partitionKeys: fc.integer({ min: 2_000, max: 100_000 }),
  batchMs: fc.integer({ min: 1, max: 300 }),
  recordMs: fc.double({ min: 0.01, max: 2, noNaN: true }),
  lagTargetMs: fc.integer({ min: 2_000, max: 60_000 }),
  readers: fc.integer({ min: 1, max: 3 }),
})

function tuned(workload: Workload): Tuning | undefined {
  try {
    return tune(workload)
  } catch (error) {
    if (error instanceof TuningError) return undefined
    throw error
  }
}

describe('a tuning', () => {
  it('takes the peak, within the lag target and the limits of the services', () => {
    let found = 0
    fc.assert(
      fc.property(workloads, (workload) => {
        const tuning = tuned(workload)
        if (tuning === undefined) return
        found += 1
        expect(tuning.expectedLagMs).toBeLessThanOrEqual(workload.lagTargetMs)
        expect(tuning.capacityRecordsPerSecond).toBeGreaterThanOrEqual(workload.peakRecordsPerSecond)
        expect(tuning.shardCount * 1_000).toBeGreaterThanOrEqual(workload.peakRecordsPerSecond)
        expect(tuning.parallelizationFactor).toBeLessThanOrEqual(10)
        expect(tuning.batchSize).toBeLessThanOrEqual(10_000)
        expect(tuning.batchSize * (workload.recordBytes * (4 / 3) + 500)).toBeLessThanOrEqual(6_000_000)
        expect(tuning.batchingWindowMs % 1_000).toBe(0)
        expect(tuning.batchingWindowMs).toBeLessThanOrEqual(300_000)
        expect(tuning.reservedConcurrency).toBe(tuning.shardCount * tuning.parallelizationFactor)
        expect(tuning.catchUpAfterOutageMs).toBeLessThan(Infinity)
      }),
    )
    expect(found).toBeGreaterThan(50)
  })

  it('is never of less capacity for more load', () => {
    fc.assert(
      fc.property(workloads, fc.integer({ min: 1, max: 10_000 }), (workload, more) => {
        const less = tuned(workload)
        const greater = tuned({
          ...workload,
          peakRecordsPerSecond: workload.peakRecordsPerSecond + more,
        })
        // What nothing takes, nothing takes more of either.
        expect(less !== undefined || greater === undefined).toBe(true)
        if (less === undefined || greater === undefined) return
        expect(greater.shardCount).toBeGreaterThanOrEqual(less.shardCount)
        expect(greater.capacityRecordsPerSecond).toBeGreaterThanOrEqual(less.capacityRecordsPerSecond)
      }),
      { numRuns: 100 },
    )
  })

  const simulated = fc.record({
    peakRecordsPerSecond: fc.integer({ min: 100, max: 3_000 }),
    partitionKeys: fc.integer({ min: 1_000, max: 20_000 }),
    batchMs: fc.integer({ min: 5, max: 300 }),
    recordMs: fc.double({ min: 0.02, max: 3, noNaN: true }),
    lagTargetMs: fc.integer({ min: 2_500, max: 10_000 }),
  })

  it('keeps its promise in a simulation of the queue, also while the peak lasts', () => {
    let found = 0
    fc.assert(
      fc.property(simulated, fc.integer(), (some, seed) => {
        const { peakRecordsPerSecond } = some
        const meanRecordsPerSecond = peakRecordsPerSecond / 4
        const tuning = tuned({ ...some, meanRecordsPerSecond, recordBytes: 200 })
        if (tuning === undefined) return
        found += 1
        const { lagsMs } = simulate(tuning, loadOf(some, tuning, seed))
        const percentile = lagsMs[Math.floor(0.99 * lagsMs.length)] ?? 0
        expect(percentile).toBeLessThanOrEqual(tuning.expectedLagMs)
      }),
      { numRuns: 25 },
    )
    expect(found).toBeGreaterThan(12)
  })

  it('is not to be had with far fewer lanes: the simulation does notice', () => {
    const some = {
      peakRecordsPerSecond: 3_000,
      partitionKeys: 10_000,
      batchMs: 100,
      recordMs: 0.5,
      lagTargetMs: 4_000,
    }
    const tuning = tune({ ...some, meanRecordsPerSecond: 500, recordBytes: 200, memoryMb: wholeCpuMemoryMb })
    const { lagsMs } = simulate(
      { ...tuning, shardCount: 1, parallelizationFactor: 1 },
      loadOf(some, tuning, 1),
    )
    expect(lagsMs.at(-1)).toBeGreaterThan(some.lagTargetMs)
  })
})

interface Some {
  readonly peakRecordsPerSecond: number
  readonly partitionKeys: number
  readonly batchMs: number
  readonly recordMs: number
}

function loadOf(
  { peakRecordsPerSecond, partitionKeys, batchMs, recordMs }: Some,
  { memoryMb }: Tuning,
  seed: number,
) {
  const stretch = wholeCpuMemoryMb / memoryMb
  return {
    seed,
    partitionKeys,
    phases: [
      { lastsMs: 5_000, recordsPerSecond: peakRecordsPerSecond / 4 },
      { lastsMs: 20_000, recordsPerSecond: peakRecordsPerSecond },
      { lastsMs: 5_000, recordsPerSecond: peakRecordsPerSecond / 4 },
    ],
    batchMs: batchMs * stretch,
    recordMs: recordMs * stretch,
  }
}
