import * as fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { count, definePipeline, minutes, tumbling } from '../../../consumers/engine/pipeline.ts'
import type { SourceRecord, UnreadableRecord } from '../../../consumers/engine/ports.ts'
import { type BatchReport, processBatch } from '../../../consumers/engine/process-batch.ts'
import { routeRecord } from '../../../consumers/engine/route.ts'
import { WarmCells } from '../../../consumers/engine/warm-cells.ts'
import {
  departure,
  departures,
  departureSchema,
  gateMs,
  paneStartMs,
  position,
  recordOf,
} from './departures.ts'
import { createWorld, type World } from './world.ts'

type AnyRecord = SourceRecord | UnreadableRecord

let world: World
beforeEach(() => {
  world = createWorld()
})

function run(...records: readonly AnyRecord[]): Promise<BatchReport> {
  return processBatch(departures, records, world.ports, new WarmCells())
}

function good(id: string, origin = 'JFK'): SourceRecord {
  return recordOf(departure({ id, origin }))
}

const bad: SourceRecord = recordOf('no departure')
const unreadable: UnreadableRecord = { reason: 'unknown-source', detail: 'what is this', raw: 7 }

/** Loses every request of the batch. */
function loseAll(): void {
  world.store.script(...Array.from({ length: 100 }, () => 'lost' as const))
}

describe('fates', () => {
  test('no records are no work', async () => {
    expect(await run()).toEqual({
      records: 0,
      counted: 0,
      duplicates: 0,
      filtered: 0,
      rejected: 0,
      unfinished: 0,
      firstUnfinished: undefined,
      storeRequests: 0,
      storeFailures: [],
      failedRecordsError: undefined,
    })
    expect(world.failedRecords.writes).toEqual([])
  })

  test('a batch with something of everything gives each record its one', async () => {
    const report = await run(good('a'), good('a'), bad, good('b', 'BOS'), unreadable, good('a'))
    expect(report).toMatchObject({ records: 6, counted: 2, duplicates: 2, rejected: 2, unfinished: 0 })
    expect(report.firstUnfinished).toBeUndefined()
  })

  test('what was counted by an earlier batch is a duplicate in the next', async () => {
    expect(await run(good('a'))).toMatchObject({ counted: 1, duplicates: 0 })
    expect(await run(good('a'), good('b'))).toMatchObject({ counted: 1, duplicates: 1 })
  })

  test('records of one cell are committed by one swap, of two cells by two', async () => {
    await run(good('a'), good('b'), good('c'))
    expect(world.store.trace).toEqual(['balanced', 'create'])
    const { storeRequests } = await run(good('d'), good('e', 'LHR'))
    expect(storeRequests).toBe(4)
    expect(world.store.requests).toHaveLength(6)
  })
})

describe('rejected records', () => {
  test('all of a batch are written at once, whole, with reason and place, in the batch’s order', async () => {
    await run(bad, good('a'), unreadable)
    expect(world.failedRecords.writes).toEqual([
      [
        expect.objectContaining({ reason: 'wrong-shape', position, raw: bad.raw }),
        { reason: 'unknown-source', detail: 'what is this', raw: 7 },
      ],
    ])
  })

  test('expired and over-cap records are rejected, after the parts have ended', async () => {
    const origins = Array.from({ length: 200 }, (_, index) => `o-${index}`)
    const report = await run(...origins.map((origin) => good(origin, origin)))
    const overCap = origins.length - departures.buckets * (departures.maximumGroups / 2)
    expect(report).toMatchObject({ counted: origins.length - overCap, rejected: overCap, unfinished: 0 })
    world.time.nowMs = gateMs + 1
    expect(await run(good('late'))).toMatchObject({ rejected: 1, counted: 0, storeRequests: 0 })
    expect(world.failedRecords.writes.map((records) => new Set(records.map(({ reason }) => reason)))).toEqual(
      [new Set(['over-cap']), new Set(['expired'])],
    )
    expect(world.failedRecords.writes[1]).toEqual([
      expect.objectContaining({ position, raw: good('late').raw, detail: expect.any(String) }),
    ])
  })

  test('those that could not be written are unfinished, the counted ones stay counted', async () => {
    const failure = new Error('no bucket')
    world.failedRecords.failure = failure
    const report = await run(good('a'), bad, good('b'), unreadable)
    expect(report).toMatchObject({ counted: 2, rejected: 0, unfinished: 2, firstUnfinished: 1 })
    expect(report.failedRecordsError).toBe(failure)
    world.failedRecords.failure = undefined
    const again = await run(good('a'), bad, good('b'), unreadable)
    expect(again).toMatchObject({ duplicates: 2, rejected: 2, unfinished: 0, failedRecordsError: undefined })
  })
})

describe('unfinished records', () => {
  test('while the store fails, only what was rejected is done', async () => {
    loseAll()
    expect(await run(bad, good('a'), good('b'))).toMatchObject({
      counted: 0,
      rejected: 1,
      unfinished: 2,
      firstUnfinished: 1,
    })
  })

  test('the first by place in the batch is reported, whichever part it is of', async () => {
    loseAll()
    const records = [good('a', 'LHR'), good('b', 'JFK'), good('c', 'BOS')]
    expect(await run(bad, bad, ...records)).toMatchObject({ unfinished: 3, firstUnfinished: 2 })
    world.failedRecords.failure = new Error('no bucket')
    expect(await run(...records, bad)).toMatchObject({ unfinished: 4, firstUnfinished: 0 })
  })

  test('one failing cell leaves the others committed', async () => {
    const lost = routeRecord(departures, good('a', 'JFK'))?.address
    world.store.unreachable.add(lost ?? '')
    const report = await run(good('a', 'JFK'), good('b', 'LHR'))
    expect(report).toMatchObject({ counted: 1, unfinished: 1, firstUnfinished: 0 })
    expect(new Set(report.storeFailures)).toEqual(new Set(['LOST']))
  })

  test('an error that is no store’s fails the batch, but not before the other parts have ended', async () => {
    const broken: World['ports'] = {
      ...world.ports,
      random: {
        fraction: () => 0,
        bytes: () => {
          throw new TypeError('bug')
        },
      },
    }
    await expect(processBatch(departures, [good('a')], broken, new WarmCells())).rejects.toThrow(TypeError)
    expect(world.failedRecords.writes).toEqual([])
  })
})

/** A read and a swap, and a segment for as many ids as a head holds at the most. */
function mostRequests(events: number): number {
  return 2 + Math.ceil(events / 1_024)
}

describe('store requests', () => {
  const oneCell = { ...departures, buckets: 1, maximumGroups: 1_000 }
  const records = Array.from({ length: 10_000 }, (_, index) => good(`${index}`, `o-${index % 50}`))
  let warm: WarmCells
  const runOne = (batch: readonly AnyRecord[]): Promise<BatchReport> =>
    processBatch(oneCell, batch, world.ports, warm)
  beforeEach(() => {
    warm = new WarmCells()
  })

  test('they do not grow with the groups of a batch, and hardly with its events', async () => {
    const report = await runOne(records)
    expect(report).toMatchObject({ counted: 10_000, rejected: 0, unfinished: 0 })
    expect(report.storeRequests).toBeLessThanOrEqual(mostRequests(10_000))
    expect(world.store.requests).toHaveLength(report.storeRequests)
    expect(new Set(world.store.requests.filter(({ kind }) => kind === 'create')).size).toBeGreaterThan(1)
  })

  test('nor in a warm instance that counts the same stream in smaller batches', async () => {
    for (let at = 0; at < records.length; at += 1_000) {
      const { counted, storeRequests } = await runOne(records.slice(at, at + 1_000))
      expect(counted).toBe(1_000)
      // The first has no copy to start from; then there is a swap, and at every second one a segment.
      expect(storeRequests).toBeLessThanOrEqual(at === 0 ? 2 : mostRequests(1_000) - 1)
    }
    expect(world.store.requests.length).toBeLessThanOrEqual(1 + 10 + records.length / 1_024)
    expect(world.store.trace.filter((request) => request === 'balanced')).toHaveLength(1)
  })

  test('a batch of duplicates is one swap of the very bytes that are there, another event is not', async () => {
    await runOne(records)
    const [address] = world.store.requests.flatMap(({ consistency, address: at }) =>
      consistency ? [at] : [],
    )
    const before = world.memory.peek(address ?? '')
    world.store.requests.length = 0
    expect(await runOne(records)).toMatchObject({ duplicates: 10_000, counted: 0, storeRequests: 1 })
    const [swap, ...more] = world.store.requests
    expect(more).toEqual([])
    expect(swap).toMatchObject({ kind: 'replace', address, hash: before?.hash })
    expect(Buffer.compare(swap?.bytes ?? Buffer.of(), before?.bytes ?? Buffer.of(0))).toBe(0)
    expect(await runOne([good('another')])).toMatchObject({ counted: 1, storeRequests: 1 })
    expect(world.memory.peek(address ?? '')).not.toEqual(before)
  })
})

describe('events that the pipeline leaves out', () => {
  const eastward = definePipeline(departureSchema, {
    name: 'eastward',
    id: (event) => event.id,
    time: (event) => event.at,
    where: (event) => event.destination !== 'LAX',
    window: tumbling(minutes(1)),
    groupBy: { origin: (event) => event.origin },
    measures: { departures: count() },
  })
  const eastbound = recordOf(departure({ id: 'east', destination: 'BOS' }))

  test('are done with: counted apart, and in no cell and no bucket', async () => {
    const report = await processBatch(
      eastward,
      [good('a'), eastbound, good('b'), bad],
      world.ports,
      new WarmCells(),
    )
    expect(report).toMatchObject({ records: 4, counted: 1, filtered: 2, rejected: 1, unfinished: 0 })
    expect(world.failedRecords.writes.flat()).toHaveLength(1)
    world.store.requests.length = 0
    const filteredOnly = await processBatch(eastward, [good('a')], world.ports, new WarmCells())
    expect(filteredOnly).toMatchObject({ counted: 0, filtered: 1, storeRequests: 0 })
    expect(world.store.requests).toEqual([])
  })

  test('are no first unfinished record, whatever fails around them', async () => {
    loseAll()
    const report = await processBatch(
      eastward,
      [good('a'), good('b'), eastbound],
      world.ports,
      new WarmCells(),
    )
    expect(report).toMatchObject({ filtered: 2, unfinished: 1, firstUnfinished: 2 })
  })

  test('that are late or wrong are rejected before they are left out', async () => {
    const late = recordOf(departure(), { arrivalMs: paneStartMs + minutes(6) })
    const report = await processBatch(eastward, [late, good('a')], world.ports, new WarmCells())
    expect(report).toMatchObject({ filtered: 1, rejected: 1 })
  })
})

test('whatever the batch and whatever fails, every record has exactly one fate', async () => {
  const record = fc.oneof(
    fc.nat(10).map((id) => good(`${id}`, id % 2 === 0 ? 'JFK' : 'LHR')),
    fc.constantFrom<AnyRecord>(bad, unreadable),
    fc.constant(recordOf(departure({ at: paneStartMs - 600_000 }))),
  )
  const steps = fc.array(fc.constantFrom('through' as const, 'lost' as const, 'answer-lost' as const))
  await fc.assert(
    fc.asyncProperty(
      fc.array(record, { maxLength: 20 }),
      steps,
      fc.boolean(),
      async (records, script, fails) => {
        world = createWorld()
        world.store.script(...script)
        if (fails) world.failedRecords.failure = new Error('no bucket')
        const report = await run(...records)
        const { counted, duplicates, filtered, rejected, unfinished, firstUnfinished } = report
        expect(counted + duplicates + filtered + rejected + unfinished).toBe(records.length)
        expect(filtered).toBe(0)
        expect(firstUnfinished === undefined).toBe(unfinished === 0)
        expect(world.failedRecords.writes.flat()).toHaveLength(rejected)
        expect(report.storeRequests).toBe(world.store.requests.length)
      },
    ),
    { numRuns: 300 },
  )
})
