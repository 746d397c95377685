import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { cellLimits } from '../../../consumers/engine/cell.ts'
import { StoreError } from '../../../consumers/engine/errors.ts'
import type { CellStore, Ports } from '../../../consumers/engine/ports.ts'
import { type BatchReport, processBatch } from '../../../consumers/engine/process-batch.ts'
import { WarmCells } from '../../../consumers/engine/warm-cells.ts'
import { MemoryCellStore } from '../../contract/memory-cell-store.ts'
import { departure, departures, paneStartMs, recordOf } from './departures.ts'
import { SeededRandom } from './seeded-random.ts'
import { VirtualTime } from './virtual-time.ts'

const requestTimeoutMs = 1_000
const writeTimeoutMs = 2_000
/** Sealed early, so that an attempt makes many requests. */
const limits = { ...cellLimits, activeIds: 4, segmentIds: 2 }
const origins = ['JFK', 'BOS', 'LHR', 'SFO'] as const

interface Invocation {
  readonly report: BatchReport
  /** What was left of the time when each request began. */
  readonly leftAtRequestsMs: readonly number[]
  /** What was left when the rejected records were written. */
  readonly leftAtWriteMs: number | undefined
}

/** A world in which every request takes its time, and some are lost or miss. */
interface SlowWorld {
  readonly time: VirtualTime
  readonly memory: MemoryCellStore
  readonly random: SeededRandom
  readonly failureRate: number
}

function slowWorld(seed: number, failureRate: number): SlowWorld {
  const time = new VirtualTime(paneStartMs)
  return { time, memory: new MemoryCellStore(() => time.nowMs), random: new SeededRandom(seed), failureRate }
}

/** Runs one invocation that has so much time, over events and one record that is rejected. */
async function invoke(world: SlowWorld, timeoutMs: number, batch: readonly string[]): Promise<Invocation> {
  const { time, memory, random, failureRate } = world
  const endMs = time.nowMs + timeoutMs
  const leftAtRequestsMs: number[] = []
  let leftAtWriteMs: number | undefined
  const slowly = async <T>(apply: () => Promise<T>, miss?: () => T): Promise<T> => {
    leftAtRequestsMs.push(endMs - time.nowMs)
    const isLost = random.chance(failureRate)
    await time.sleep(isLost ? requestTimeoutMs : random.below(requestTimeoutMs + 1))
    if (isLost) throw new StoreError('timed out')
    return miss !== undefined && random.chance(failureRate) ? miss() : apply()
  }
  const store: CellStore = {
    requestTimeoutMs,
    read: (address) =>
      // A segment that misses is looked for again; heads' misses would be losses.
      slowly(() => memory.read(address), address.split(':').length > 5 ? () => undefined : undefined),
    createIfAbsent: (...of) => slowly(() => memory.createIfAbsent(...of)),
    replaceIfEqual: (...of) => slowly(() => memory.replaceIfEqual(...of)),
  }
  const ports: Ports = {
    store,
    random,
    clock: { nowMs: () => time.nowMs, sleep: (durationMs) => time.sleep(durationMs) },
    deadline: { remainingMs: () => endMs - time.nowMs },
    failedRecords: {
      writeTimeoutMs,
      write: async () => {
        leftAtWriteMs = endMs - time.nowMs
      },
    },
  }
  const records = batch.map((id, index) =>
    recordOf(departure({ id, origin: origins[index % origins.length] ?? 'JFK' })),
  )
  const rejected = recordOf('no departure')
  const report = await time.during(
    processBatch(departures, [rejected, ...records], ports, new WarmCells(), limits),
  )
  return { report, leftAtRequestsMs, leftAtWriteMs }
}

function named(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, index) => `d-${from + index}`)
}

test('no request begins that could outlast the time, the writing of the failed records included', async () => {
  const seen = { unfinished: 0, finished: 0 }
  await fc.assert(
    fc.asyncProperty(
      fc.nat(1_000_000),
      fc.integer({ min: writeTimeoutMs, max: 15_000 }),
      fc.constantFrom(0, 0.2, 0.6),
      async (seed, timeoutMs, failureRate) => {
        const world = slowWorld(seed, failureRate)
        for (const batch of [named(40), named(40, 20)]) {
          const { report, leftAtRequestsMs, leftAtWriteMs } = await invoke(world, timeoutMs, batch)
          for (const leftMs of leftAtRequestsMs)
            expect(leftMs).toBeGreaterThanOrEqual(requestTimeoutMs + writeTimeoutMs)
          expect(leftAtWriteMs).toBeGreaterThanOrEqual(writeTimeoutMs)
          expect(report.storeRequests).toBe(leftAtRequestsMs.length)
          // The record at 0 is rejected, and done with.
          expect(report.rejected).toBe(1)
          expect(report.firstUnfinished === undefined).toBe(report.unfinished === 0)
          expect(report.firstUnfinished).not.toBe(0)
          seen[report.unfinished === 0 ? 'finished' : 'unfinished']++
        }
      },
    ),
    { numRuns: 200 },
  )
  expect(seen.finished).toBeGreaterThan(50)
  expect(seen.unfinished).toBeGreaterThan(50)
})

test('a part for which the time ends while it seals counts nothing and is the first unfinished', async () => {
  // A read and a swap fit; the reading of segments or their writing then takes what was left.
  const world = slowWorld(1, 0)
  const tooShort = await invoke(world, requestTimeoutMs * 2 + writeTimeoutMs, named(40))
  expect(tooShort.leftAtRequestsMs.length).toBeGreaterThan(0)
  expect(tooShort.report.unfinished).toBeGreaterThan(0)
  const { firstUnfinished = 0 } = tooShort.report
  expect(firstUnfinished).toBeGreaterThan(0)
  const again = await invoke(world, 60_000, named(40))
  expect(again.report).toMatchObject({ unfinished: 0, firstUnfinished: undefined })
  expect(again.report.duplicates).toBe(tooShort.report.counted)
})

test('without time for a read and a swap no request is made at all', async () => {
  const timeoutMs = 2 * requestTimeoutMs + writeTimeoutMs
  const none = await invoke(slowWorld(1, 0), timeoutMs - 1, named(1))
  expect(none.leftAtRequestsMs).toEqual([])
  expect(none.report).toMatchObject({ rejected: 1, unfinished: 1, firstUnfinished: 1, storeRequests: 0 })
  const { report } = await invoke(slowWorld(1, 0), timeoutMs, named(1))
  expect(report.storeRequests).toBeGreaterThan(0)
})
