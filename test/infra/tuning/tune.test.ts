import { describe, expect, it } from 'vitest'
import { type Tuning, tune, type Workload } from '../../../infra/tuning/tune.ts'

const small: Workload = {
  meanRecordsPerSecond: 100,
  peakRecordsPerSecond: 500,
  recordBytes: 200,
  partitionKeys: 10_000,
  batchMs: 20,
  recordMs: 0.08,
  lagTargetMs: 5_000,
}

const tuned = (changes: Partial<Workload>): Tuning => tune({ ...small, ...changes })

describe('the least that does', () => {
  it('is one shard with one lane for what one takes', () => {
    expect(tuned({})).toMatchObject({ shardCount: 1, parallelizationFactor: 1, memoryMb: 512, warnings: [] })
  })

  it.each<[string, Partial<Workload>, Partial<Tuning>]>([
    ['records that a shard takes', { peakRecordsPerSecond: 9_000 }, { limitedBy: 'shard-written-records' }],
    ['bytes that a shard takes', { recordBytes: 20_000 }, { limitedBy: 'shard-written-bytes' }],
    ['bytes that all readers take', { recordBytes: 20_000, readers: 4 }, { limitedBy: 'shard-read-bytes' }],
    ['lanes that keep up', { recordMs: 1.5, lagTargetMs: 9_000 }, { limitedBy: 'lane-service' }],
    [
      'a key that is too busy',
      { busiestKeyShare: 0.6, peakRecordsPerSecond: 900 },
      { limitedBy: 'busiest-key' },
    ],
    ["Momento's limit", { momentoOperationsPerSecond: 1 }, { limitedBy: 'momento-operations' }],
    ['readers of a shard', { readers: 5 }, { limitedBy: 'shard-reads' }],
  ])('is limited by %s', (_name, changes, expected) => {
    expect(tuned(changes)).toMatchObject(expected)
  })

  it('has more lanes where records take the time, and more shards where the swap of the one cell does', () => {
    const [records, swaps] = [
      tuned({ recordMs: 2.4, lagTargetMs: 20_000 }),
      tuned({ batchMs: 2_500, lagTargetMs: 40_000, recordMs: 1.5 }),
    ]
    expect(records.shardCount).toBe(1)
    expect(records.parallelizationFactor).toBeGreaterThan(3)
    expect(swaps.shardCount).toBeGreaterThan(1)
    expect(swaps.parallelizationFactor).toBe(1)
    expect(tuned({ batchMs: 2_500, lagTargetMs: 20_000, recordMs: 0.2 }).parallelizationFactor).toBe(1)
  })

  it('is one lane that is all alone, where a second shard would only be in its way', () => {
    expect(tuned({ partitionKeys: 1, recordMs: 1.5, batchMs: 1, lagTargetMs: 20_000 }).shardCount).toBe(1)
  })

  it('has a whole CPU before a second lane', () => {
    expect(tuned({ recordMs: 1 })).toMatchObject({ parallelizationFactor: 1, memoryMb: 1_769 })
  })

  it('has batches that fit into an event, and the time-out that a pipeline allows', () => {
    expect(
      tuned({ recordBytes: 100_000, peakRecordsPerSecond: 100, meanRecordsPerSecond: 10, recordMs: 0.001 })
        .batchSize,
    ).toBe(20)
    expect(tuned({ batchMs: 600, lagTargetMs: 60_000, longestInvocationMs: 33_000 }).timeoutMs).toBe(33_000)
  })

  it('has the longest window within the lag target, in whole seconds', () => {
    const windows = [1_500, 5_000, 60_000, 3_600_000].map(
      (lagTargetMs) => tuned({ lagTargetMs }).batchingWindowMs,
    )
    expect(windows).toEqual(windows.toSorted((a, b) => a - b))
    expect(windows[0]).toBe(0)
    expect(windows[1]).toBeGreaterThanOrEqual(1_000)
    expect(windows.at(-1)).toBe(300_000)
  })

  it('warns of what has to be asked for, and says what', () => {
    expect(tuned({ peakRecordsPerSecond: 5_000, momentoOperationsPerSecond: 1 }).warnings).toEqual([
      expect.stringMatching(/^[\d.]+ Momento requests\/s, where 1 are allowed: it takes a higher limit/),
    ])
  })

  it('makes up for an outage the faster, the less comes meanwhile', () => {
    const [busy, quiet] = [450, 50].map((meanRecordsPerSecond) =>
      tuned({ meanRecordsPerSecond, shardCount: 1 }),
    )
    expect(busy?.catchUpAfterOutageMs).toBeGreaterThan(9 * (quiet?.catchUpAfterOutageMs ?? Infinity))
  })
})

describe('a load that nothing takes is refused with what to change', () => {
  it.each<[Partial<Workload>, string]>([
    [{ peakRecordsPerSecond: 5_000, partitionKeys: 3 }, 'it takes a partition key with more values'],
    [{ peakRecordsPerSecond: 5_000, shardCount: 2 }, '2 shards do not: '],
    [
      { lagTargetMs: 1_000 },
      'ms until a record is counted, where 1,000 are allowed: it takes a later target',
    ],
  ])('%j', (changes, message) => {
    expect(() => tuned(changes)).toThrow(message)
  })
})

describe('a number outside its range is refused by its name', () => {
  it.each<[Partial<Workload>, string]>([
    [{ meanRecordsPerSecond: 0 }, 'meanRecordsPerSecond is a number above 0 and at most'],
    [{ peakRecordsPerSecond: 99 }, 'peakRecordsPerSecond is a number from 100 to'],
    [{ recordBytes: Number.NaN }, 'recordBytes is a number from 1 to 1048576, not NaN'],
    [{ partitionKeys: 0 }, 'partitionKeys is a number from 1'],
    [{ busiestKeyShare: 1.5 }, 'busiestKeyShare is a number from 0.0001 to 1, not 1.5'],
    [{ batchMs: -1 }, 'batchMs is a number from 0'],
    [{ batchMs: 0, recordMs: 0 }, 'batchMs or recordMs is above 0'],
    [{ readers: 6 }, 'readers is a number from 1 to 5, not 6'],
    [{ shardCount: 1.5 }, 'shardCount is a whole number, not 1.5'],
  ])('%j', (changes, message) => {
    expect(() => tuned(changes)).toThrow(message)
  })
})
