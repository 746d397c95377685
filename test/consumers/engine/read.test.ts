import * as fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { cellAddress, emptyCell, fold } from '../../../consumers/engine/cell.ts'
import { decodeCell, encodeCell } from '../../../consumers/engine/codec.ts'
import { DefinitionError } from '../../../consumers/engine/errors.ts'
import { bucketOf } from '../../../consumers/engine/identity.ts'
import { hopping, minutes, seconds, tumbling } from '../../../consumers/engine/pipeline.ts'
import type { CellStore, ReadConsistency } from '../../../consumers/engine/ports.ts'
import { type ReadRequest, type ReadResult, read } from '../../../consumers/engine/read.ts'
import { maximumDelayMs } from '../../../consumers/engine/windows.ts'
import { incarnation } from './cells.ts'
import { contributionOf, type Departure, departures, expiryMs, gateMs, paneStartMs } from './departures.ts'
import { createWorld, type World } from './world.ts'

const pairs = { sizeMs: minutes(2), periodMs: minutes(2) }
/** The same cells, read in windows of two panes. */
const inPairs: typeof departures = { ...departures, window: { ...departures.window, ...pairs } }
const nextPaneMs = paneStartMs + minutes(1)

let world: World
beforeEach(() => {
  world = createWorld()
})

function at(minute: number): number {
  return paneStartMs + minutes(minute)
}

function addressOf(origin: string, paneMs = paneStartMs): string {
  return cellAddress(departures, paneMs, bucketOf(origin, departures.buckets))
}

/** Stores one cell that holds these departures; all have to be of one origin's bucket. */
function store(paneMs: number, fields: readonly Partial<Departure>[], lossy = false): void {
  const address = addressOf(fields[0]?.origin ?? 'JFK', paneMs)
  const stored = world.memory.peek(address)
  const cell = stored
    ? decodeCell(departures, address, stored.bytes)
    : emptyCell(departures, address, incarnation, lossy)
  for (const each of fields) fold(departures, cell, contributionOf(each))
  world.memory.put(address, encodeCell(cell))
}

function run(
  request: Partial<ReadRequest<'origin' | 'route'>> = {},
  pipeline = departures,
): Promise<ReadResult<'origin' | 'route', unknown>> {
  const whole: ReadRequest<'origin' | 'route'> = {
    grouping: 'origin',
    from: paneStartMs,
    to: paneStartMs + pipeline.window.sizeMs,
    ...request,
  }
  return read(pipeline, world.ports.store, world.ports.clock, whole)
}

describe('values', () => {
  test('groups are merged over panes and buckets, and come in the order of their keys', async () => {
    store(paneStartMs, [
      { id: 'a', miles: 10 },
      { id: 'b', miles: 30 },
    ])
    store(nextPaneMs, [{ id: 'c', miles: 50 }])
    store(nextPaneMs, [{ id: 'd', origin: 'BOS', miles: 7 }])
    const { rows } = await run({}, inPairs)
    expect(rows.map(({ key, values }) => [key, values])).toEqual([
      ['BOS', { departures: 1, miles: 7, meanMiles: 7, mostMiles: 7 }],
      ['JFK', { departures: 3, miles: 90, meanMiles: 30, mostMiles: 50 }],
    ])
  })

  test('a key of several texts comes back as such', async () => {
    store(paneStartMs, [{ origin: 'a|b', destination: 'c' }])
    const { rows } = await run({ grouping: 'route' })
    expect(rows.map(({ key, grouping }) => [key, grouping])).toEqual([[['a|b', 'c'], 'route']])
    const one = await run({ grouping: 'route', key: ['a|b', 'c'] })
    expect(one.rows.map(({ values }) => values)).toEqual(rows.map(({ values }) => values))
  })

  test('a key so long that it is listed as its hash is read by the key and by the hash', async () => {
    const origin = 'x'.repeat(600)
    store(paneStartMs, [{ origin }])
    const [listed] = (await run()).rows
    expect(listed?.key).toMatch(/^\\#/)
    for (const key of [origin, listed?.key ?? '']) {
      expect((await run({ key })).rows).toEqual([listed])
    }
  })

  test('a window without events has a row only for a key that was asked for', async () => {
    expect((await run()).rows).toEqual([])
    const { rows } = await run({ key: 'JFK' })
    expect(rows.map(({ values }) => values)).toEqual([
      { departures: 0, miles: 0, meanMiles: undefined, mostMiles: undefined },
    ])
  })

  test('windows that overlap the range are read, oldest first, the end excluded', async () => {
    store(paneStartMs, [{ id: 'a' }])
    store(nextPaneMs, [{ id: 'b' }])
    const both = await run({ key: 'JFK', from: paneStartMs + 59_999, to: nextPaneMs + 1 })
    expect(both.rows.map(({ windowStart }) => windowStart)).toEqual([paneStartMs, nextPaneMs])
    const one = await run({ key: 'JFK', from: paneStartMs, to: nextPaneMs })
    expect(one.rows.map(({ windowStart }) => windowStart)).toEqual([paneStartMs])
  })

  test('a grouping that the pipeline does not have is refused with those it has', async () => {
    const request = { grouping: 'airline' as 'origin' }
    await expect(run(request)).rejects.toThrow(DefinitionError)
    await expect(run(request)).rejects.toThrow(
      'pipeline departures has no grouping airline; it has origin, route',
    )
  })
})

describe('hopping windows', () => {
  /** The same cells, read in windows of three panes that start with each. */
  const hops: typeof departures = { ...departures, window: hopping(minutes(3), minutes(1)) }

  test('an event is in every window that covers it, and in no other', async () => {
    store(paneStartMs, [{ id: 'a', miles: 10 }])
    store(at(1), [{ id: 'b', miles: 20 }])
    const { rows } = await run({ key: 'JFK', from: at(-1), to: at(3) }, hops)
    expect(rows.map(({ windowStart, windowEnd, values }) => [windowStart, windowEnd, values])).toEqual(
      [
        [-3, 0, undefined],
        [-2, 1, 10],
        [-1, 2, 30],
        [0, 2, 30],
        [1, 1, 20],
        [2, 0, undefined],
      ].map(([minute = 0, count = 0, miles]) => [
        at(minute),
        at(minute + 3),
        {
          departures: count,
          miles: miles ?? 0,
          meanMiles: miles === undefined ? undefined : miles / count,
          mostMiles: miles === undefined ? undefined : Math.min(miles, 20),
        },
      ]),
    )
  })

  test('a pane that windows share is read once for all of them', async () => {
    // Three windows, of five panes.
    expect(await run({ key: 'JFK', from: paneStartMs, to: at(1) }, hops)).toMatchObject({
      windows: 3,
      requests: 5,
    })
    expect(new Set(world.store.requests.map(({ address }) => address)).size).toBe(5)
    expect(await run({ from: paneStartMs, to: at(60) }, hops)).toMatchObject({
      windows: 62,
      requests: 64 * 4,
    })
    // Windows that share none take three each.
    const apart: typeof departures = { ...departures, window: { ...hops.window, periodMs: minutes(3) } }
    expect(await run({ key: 'JFK', from: paneStartMs, to: at(9) }, apart)).toMatchObject({
      windows: 3,
      requests: 9,
    })
  })

  test('a pane that cannot be read makes every window that covers it incomplete, and no other', async () => {
    const unreachable = addressOf('JFK', at(2))
    world.store.unreachable.add(unreachable)
    const { rows } = await run({ key: 'JFK', from: at(1), to: at(4) }, hops)
    expect(rows.map(({ windowStart, complete }) => [windowStart, complete])).toEqual([
      [at(-1), true],
      [at(0), false],
      [at(1), false],
      [at(2), false],
      [at(3), true],
    ])
  })

  test('whatever the events, size and period, every window has what a naive count finds', async () => {
    const minute = fc.integer({ min: 0, max: 20 })
    const shape = fc.tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 8 }))
    await fc.assert(
      fc.asyncProperty(fc.array(minute, { maxLength: 15 }), shape, minute, async (events, [a, b], from) => {
        world = createWorld()
        for (const [index, each] of events.entries()) store(at(each), [{ id: `${index}` }])
        const [sizeMs, periodMs] = [minutes(Math.max(a, b)), minutes(Math.min(a, b))]
        const pipeline: typeof departures = {
          ...departures,
          window: { sizeMs, periodMs, paneMs: minutes(1) },
        }
        const { rows, windows, requests } = await run(
          { key: 'JFK', from: at(from), to: at(from + 5) },
          pipeline,
        )
        expect(rows).toHaveLength(windows)
        for (const { windowStart, windowEnd, values } of rows) {
          expect(values).toMatchObject({
            departures: events.filter((each) => at(each) >= windowStart && at(each) < windowEnd).length,
          })
        }
        const [firstMs, lastMs] = [rows[0]?.windowStart ?? 0, rows.at(-1)?.windowEnd ?? 0]
        expect(requests).toBe((lastMs - firstMs) / minutes(1))
      }),
      { numRuns: 100 },
    )
  })

  test('each closes at a time of its own', async () => {
    const { rows } = await run({ key: 'JFK', from: paneStartMs, to: paneStartMs + 1 }, hops)
    expect(rows.map(({ closesAt }) => closesAt)).toEqual(
      [-2, -1, 0].map((minute) => at(minute + 3) + minutes(65) + seconds(100)),
    )
  })
})

describe('cost', () => {
  test('a key of the grouping bucketed by is one request a pane, any other one a pane and bucket', async () => {
    expect((await run({ key: 'JFK' }, inPairs)).requests).toBe(2)
    expect(world.store.requests.map(({ address }) => address)).toEqual([
      addressOf('JFK'),
      addressOf('JFK', nextPaneMs),
    ])
    expect((await run({ grouping: 'route', key: ['JFK', 'LAX'] }, inPairs)).requests).toBe(8)
    expect((await run({}, inPairs)).requests).toBe(8)
  })

  test('panes that have expired cost nothing, those past their gate are still read', async () => {
    store(paneStartMs, [{ id: 'a' }])
    world.time.nowMs = expiryMs
    expect(await run({ key: 'JFK' }, inPairs)).toMatchObject({ requests: 2, incompleteWindows: 1 })
    world.time.nowMs = expiryMs + 1
    expect(await run({ key: 'JFK' }, inPairs)).toMatchObject({ requests: 1, incompleteWindows: 1 })
  })

  test('more windows than can be read at once are refused before any is', async () => {
    expect((await run({ key: 'JFK', from: paneStartMs - minutes(10_000), to: paneStartMs })).windows).toBe(
      10_000,
    )
    world.store.requests.length = 0
    await expect(run({ key: 'JFK', from: paneStartMs - minutes(10_001), to: paneStartMs })).rejects.toThrow(
      '10001 windows are too many',
    )
    expect(world.store.requests).toEqual([])
  })

  test('a range that ends before it begins is no window', async () => {
    expect(await run({ from: nextPaneMs, to: paneStartMs })).toMatchObject({
      windows: 0,
      requests: 0,
      rows: [],
    })
  })

  test('reads are balanced unless asked otherwise', async () => {
    await run({ key: 'JFK' })
    await run({ key: 'JFK', consistency: 'consistent' })
    expect(world.store.trace).toEqual(['balanced', 'consistent'])
  })
})

describe('what a row says of itself', () => {
  test('it is complete and not lossy where all could be read', async () => {
    store(paneStartMs, [{}])
    const result = await run()
    expect(result).toMatchObject({ windows: 1, incompleteWindows: 0, failures: [] })
    expect(result.rows[0]).toMatchObject({
      complete: true,
      lossy: false,
      windowStart: paneStartMs,
      windowEnd: nextPaneMs,
      asOf: world.time.nowMs,
    })
  })

  test('a cell that could not be read makes its window incomplete, and no other', async () => {
    store(paneStartMs, [{ id: 'a' }])
    store(nextPaneMs, [{ id: 'b' }])
    world.store.script('lost')
    const result = await run({ key: 'JFK', to: nextPaneMs + 1 })
    expect(result).toMatchObject({ windows: 2, incompleteWindows: 1, failures: ['LOST'] })
    expect(result.rows.map(({ complete }) => complete)).toEqual([false, true])
  })

  test('a damaged cell is not read as zero', async () => {
    world.memory.put(addressOf('JFK'), Buffer.from('damaged'))
    const { rows, failures } = await run({ key: 'JFK' })
    expect(rows[0]).toMatchObject({ complete: false })
    expect(failures).toEqual(['DamagedBytesError'])
  })

  test('an error that is not the store’s is not taken for one', async () => {
    const broken = {
      ...world.ports.store,
      requestTimeoutMs: 1,
      read: () => Promise.reject(new TypeError('bug')),
    }
    const request = { grouping: 'origin', from: paneStartMs, to: nextPaneMs } as const
    await expect(read(departures, broken, world.ports.clock, request)).rejects.toThrow(TypeError)
  })

  test('one lossy cell makes its window lossy', async () => {
    store(paneStartMs, [{ id: 'a' }])
    store(nextPaneMs, [{ id: 'b' }], true)
    const { rows } = await run({ key: 'JFK', to: nextPaneMs + 1 })
    expect(rows.map(({ lossy }) => lossy)).toEqual([false, true])
    expect((await run({ key: 'JFK' }, inPairs)).rows[0]).toMatchObject({ lossy: true })
  })

  test('it is incomplete once its first pane may have expired', async () => {
    world.time.nowMs = gateMs
    expect((await run({ key: 'JFK' })).rows[0]).toMatchObject({ complete: true })
    world.time.nowMs = gateMs + 1
    expect((await run({ key: 'JFK' }, inPairs)).rows[0]).toMatchObject({ complete: false })
  })

  test('a cell that is missing once its pane may have expired is no zero, however early the read began', async () => {
    world.time.nowMs = gateMs
    store(paneStartMs, [{ id: 'a' }])
    const during = (nowMs: number): CellStore => ({
      ...world.ports.store,
      read: (address, consistency) => {
        world.time.nowMs = nowMs
        return world.memory.read(address).then((stored) => {
          return consistency === 'balanced' ? stored : undefined
        })
      },
    })
    const completeness = async (nowMs: number, consistency: ReadConsistency): Promise<unknown> => {
      world.time.nowMs = gateMs
      const request = {
        grouping: 'origin',
        key: 'JFK',
        from: paneStartMs,
        to: nextPaneMs,
        consistency,
      } as const
      const { rows } = await read(departures, during(nowMs), world.ports.clock, request)
      return rows.map(({ complete }) => complete)
    }
    expect(await completeness(gateMs, 'consistent')).toEqual([true])
    expect(await completeness(gateMs + 1, 'consistent')).toEqual([false])
    // What was there was there.
    expect(await completeness(gateMs + 1, 'balanced')).toEqual([true])
  })

  test('it is final when no live delivery can change it any more', async () => {
    const closesAt = paneStartMs + minutes(1) + maximumDelayMs(departures)
    world.time.nowMs = closesAt - 1
    expect((await run({ key: 'JFK' })).rows[0]).toMatchObject({ final: false, closesAt })
    world.time.nowMs = closesAt
    expect((await run({ key: 'JFK' })).rows[0]).toMatchObject({ final: true, complete: true, asOf: closesAt })
    expect(closesAt).toBe(paneStartMs + minutes(66) + seconds(100))
    expect(tumbling(departures.window.sizeMs)).toEqual(departures.window)
  })
})
