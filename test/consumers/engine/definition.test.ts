import { beforeEach, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { DefinitionError, RejectError } from '../../../consumers/engine/errors.ts'
import {
  count,
  defineChangePipeline,
  definePipeline,
  hopping,
  hours,
  mean,
  minutes,
  type Pipeline,
  seconds,
  sum,
  tumbling,
} from '../../../consumers/engine/pipeline.ts'
import { processBatch } from '../../../consumers/engine/process-batch.ts'
import { read } from '../../../consumers/engine/read.ts'
import { routeRecord } from '../../../consumers/engine/route.ts'
import { WarmCells } from '../../../consumers/engine/warm-cells.ts'
import { paneStartMs, recordOf } from './departures.ts'
import type { SourceRecord } from '../../../consumers/engine/ports.ts'
import { createWorld, type World } from './world.ts'

/** Two boundaries, half an hour into an hour's windows and so on; `paneStartMs` is at 12:00. */
const secondFromMs = paneStartMs + minutes(30)
const thirdFromMs = paneStartMs + minutes(90)

const firstSchema = z.object({ id: z.string(), at: z.number(), page: z.string(), bytes: z.string() })
const secondSchema = z.object({ id: z.string(), at: z.number(), page: z.string(), bytes: z.number() })

const firstViews = definePipeline(firstSchema, {
  name: 'views',
  id: (each) => each.id,
  time: (each) => each.at,
  window: tumbling(minutes(1)),
  groupBy: { page: (each) => each.page },
  measures: { views: count() },
  bucketBy: 'page',
  buckets: 4,
})

const secondViews = definePipeline(secondSchema, {
  name: 'views',
  id: (each) => each.id,
  time: (each) => each.at,
  window: tumbling(hours(1)),
  groupBy: { page: (each) => each.page, site: (each) => each.page.slice(0, 1) },
  measures: { views: count(), bytes: sum((each) => each.bytes), perView: mean((each) => each.bytes) },
  bucketBy: 'page',
  buckets: 2,
  effectiveFrom: secondFromMs,
  predecessor: firstViews,
})

const thirdViews = definePipeline(secondSchema, {
  name: 'views',
  id: (each) => each.id,
  time: (each) => each.at,
  window: hopping(hours(1), minutes(30)),
  groupBy: { page: (each) => each.page, site: (each) => each.page.slice(0, 1) },
  measures: { views: count(), bytes: sum((each) => each.bytes), perView: mean((each) => each.bytes) },
  bucketBy: 'page',
  buckets: 8,
  effectiveFrom: thirdFromMs,
  predecessor: secondViews,
})

/** So many minutes after the first pane begins. */
function minute(after: number): number {
  return paneStartMs + minutes(after)
}

/** A view as its producers sent it at that time; it arrives then. */
function view(id: string, at: number, fields: Readonly<Record<string, unknown>> = {}): SourceRecord {
  const bytes = at < secondFromMs ? '10' : 10
  return recordOf({ id, at, page: '/a', bytes, ...fields }, { arrivalMs: at })
}

function lateBySecond(at: number): SourceRecord {
  return { ...view('a', at), arrivalMs: at + seconds(1) }
}

function failureOf(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    return error
  }
}

describe('an event is counted by the definition that was in force when it happened', () => {
  test.each<[number, Pipeline]>([
    [secondFromMs - 1, firstViews],
    [secondFromMs, secondViews],
    [thirdFromMs - 1, secondViews],
    [thirdFromMs, thirdViews],
  ])('at %d', (at, definition) => {
    const route = routeRecord(thirdViews, view('a', at))
    expect(route?.pipeline).toBe(definition)
    expect(route?.address).toContain(`:views:${definition.fingerprint}:`)
  })

  test('and by the one schema of that time, whatever the others say', () => {
    const old = view('a', secondFromMs - 1)
    expect(routeRecord(thirdViews, old)?.pipeline).toBe(firstViews)
    expect(failureOf(() => routeRecord({ ...thirdViews, predecessor: undefined }, old))).toMatchObject({
      reason: 'wrong-shape',
    })
  })

  test('so one of the new time that only the old schema takes is rejected, as the newest says', () => {
    const failure = failureOf(() => routeRecord(secondViews, view('a', secondFromMs, { bytes: '10' })))
    expect(failure).toBeInstanceOf(RejectError)
    expect(failure).toMatchObject({ reason: 'wrong-shape', message: expect.stringContaining('bytes') })
  })

  test('one of the old time that only the new schema takes is rejected too', () => {
    const failure = failureOf(() => routeRecord(thirdViews, view('a', secondFromMs - 1, { bytes: 10 })))
    expect(failure).toMatchObject({ reason: 'wrong-shape', message: expect.stringContaining('bytes') })
  })

  test('one that no schema takes is rejected with what the newest says', () => {
    const odd = view('a', secondFromMs, { bytes: true })
    const alone = failureOf(() => routeRecord({ ...thirdViews, predecessor: undefined }, odd))
    const failure = failureOf(() => routeRecord(thirdViews, odd))
    expect(failure).toMatchObject({ reason: 'wrong-shape' })
    expect(String(failure)).toBe(String(alone))
  })

  test('is late by the definition of its time', () => {
    const strict = { ...secondViews, allowedLatenessMs: 0 }
    expect(failureOf(() => routeRecord(strict, lateBySecond(secondFromMs)))).toMatchObject({ reason: 'late' })
    expect(routeRecord(strict, lateBySecond(secondFromMs - 1))?.pipeline).toBe(firstViews)
  })
})

test('a batch over the boundaries counts each event once, whatever is delivered again', async () => {
  const { ports } = createWorld()
  const times = [secondFromMs - 1, secondFromMs, thirdFromMs - 1, thirdFromMs]
  const batch = times.map((at, index) => view(`${index}`, at))
  const late = { ...ports, clock: { ...ports.clock, nowMs: () => thirdFromMs } }
  expect(await processBatch(thirdViews, batch, late, new WarmCells())).toMatchObject({
    counted: 4,
    rejected: 0,
  })
  expect(await processBatch(thirdViews, batch, late, new WarmCells())).toMatchObject({
    duplicates: 4,
    counted: 0,
  })
  // The predecessor alone is what is still deployed elsewhere for a moment.
  expect(await processBatch(secondViews, batch.slice(0, 3), late, new WarmCells())).toMatchObject({
    duplicates: 3,
  })
})

/** With these record ages, the hours for which windows before and after the boundary stay open. */
async function openHours(oldAge: number, newAge: number): Promise<readonly number[]> {
  const { ports } = createWorld()
  const predecessor = { ...firstViews, window: tumbling(minutes(30)), maximumRecordAgeMs: hours(oldAge) }
  const newest = {
    ...secondViews,
    window: tumbling(minutes(30)),
    maximumRecordAgeMs: hours(newAge),
    predecessor,
  }
  const request = { grouping: 'page', key: '/a', from: paneStartMs, to: paneStartMs + hours(1) } as const
  const { rows } = await read(newest, ports.store, ports.clock, request)
  return rows.map(({ closesAt, windowEnd }) => (closesAt - windowEnd - minutes(5) - seconds(100)) / hours(1))
}

describe('reading over a boundary', () => {
  let world: World
  beforeEach(async () => {
    world = createWorld()
    world.time.nowMs = thirdFromMs
    const batch = [
      view('a', minute(0)),
      view('b', minute(29)),
      view('c', minute(30)),
      view('d', minute(59)),
      view('e', minute(60)),
      view('f', minute(89), { page: '/b' }),
      view('g', minute(90)),
    ]
    await processBatch(thirdViews, batch, world.ports, new WarmCells())
    world.store.requests.length = 0
  })

  test('a window takes each of its panes from the definition of that time', async () => {
    const request = { grouping: 'page', key: '/a', from: paneStartMs, to: paneStartMs + hours(2) } as const
    const { rows, requests } = await read(secondViews, world.ports.store, world.ports.clock, request)
    expect(rows.map(({ windowStart, values }) => [windowStart, values.views])).toEqual([
      [paneStartMs, 4],
      // The third definition is not known to the second.
      [paneStartMs + hours(1), 1],
    ])
    // One bucket each of 30 panes of a minute, and of 18 of five minutes.
    expect(requests).toBe(30 + 18)
  })

  test('every definition has its own panes and buckets', async () => {
    const request = {
      grouping: 'page',
      from: paneStartMs + minutes(60),
      to: paneStartMs + minutes(61),
    } as const
    const { requests } = await read(thirdViews, world.ports.store, world.ports.clock, request)
    // Windows at 12:30 and 13:00; panes of five minutes, two buckets up to 13:30 and eight after it.
    expect(requests).toBe(12 * 2 + 6 * 8)
  })

  test('hopping windows that straddle it share what is read, and add up', async () => {
    const request = { grouping: 'page', key: '/a', from: paneStartMs, to: paneStartMs + minutes(90) } as const
    const { rows, requests } = await read(thirdViews, world.ports.store, world.ports.clock, request)
    expect(rows.map(({ windowStart, values }) => [windowStart, values.views])).toEqual([
      [minute(-30), 2],
      [minute(0), 4],
      [minute(30), 3],
      [minute(60), 2],
    ])
    expect(requests).toBe(60 + 12 + 6)
    expect(world.store.requests).toHaveLength(requests)
  })

  test('what the old definition did not keep makes a window incomplete, and only such a one', async () => {
    const request = { grouping: 'page', key: '/a', from: paneStartMs, to: paneStartMs + minutes(90) } as const
    const { rows, incompleteWindows } = await read(thirdViews, world.ports.store, world.ports.clock, request)
    expect(rows.map(({ complete, values }) => [complete, values.bytes, values.perView])).toEqual([
      [false, 0, undefined],
      [false, 20, 10],
      [true, 30, 10],
      [true, 20, 10],
    ])
    expect(incompleteWindows).toBe(2)
  })

  test('so does a grouping that it did not have; none of its cells is read for it', async () => {
    const request = { grouping: 'site', key: '/', from: paneStartMs, to: paneStartMs + minutes(90) } as const
    const { rows, requests } = await read(thirdViews, world.ports.store, world.ports.clock, request)
    expect(rows.map(({ complete, values }) => [complete, values.views])).toEqual([
      [false, 0],
      [false, 2],
      [true, 4],
      [true, 3],
    ])
    expect(requests).toBe(12 * 2 + 6 * 8)
  })

  test('so does a measure that was another one under the same name', async () => {
    const changed = definePipeline(secondSchema, {
      name: 'views',
      id: (each) => each.id,
      time: (each) => each.at,
      window: tumbling(hours(1)),
      groupBy: { page: (each) => each.page },
      measures: { views: sum((each) => each.bytes) },
      effectiveFrom: secondFromMs,
      predecessor: firstViews,
    })
    const request = { grouping: 'page', key: '/a', from: paneStartMs, to: paneStartMs + 1 } as const
    const { rows } = await read(changed, world.ports.store, world.ports.clock, request)
    expect(rows).toMatchObject([{ complete: false, values: { views: 0 } }])
    const same = await read(firstViews, world.ports.store, world.ports.clock, request)
    expect(same.rows).toMatchObject([{ complete: true, values: { views: 1 } }])
  })

  test('a pane expires by its own definition', async () => {
    const brief = { ...firstViews, retentionMs: minutes(2) }
    const request = { grouping: 'page', key: '/a', from: paneStartMs, to: paneStartMs + 1 } as const
    const later = { nowMs: () => paneStartMs + hours(2) }
    const { rows, requests } = await read(
      { ...secondViews, predecessor: brief },
      world.ports.store,
      later,
      request,
    )
    expect(rows).toMatchObject([{ complete: false, values: { views: 2 } }])
    expect(requests).toBe(6)
    const kept = await read(secondViews, world.ports.store, later, request)
    expect(kept.requests).toBe(36)
  })

  test('a window is final when the record age of no definition since its panes lets one in', async () => {
    expect(await openHours(1, 1)).toEqual([1, 1])
    // The mapping delivers with the newest one's record age, to old panes too.
    expect(await openHours(1, 2)).toEqual([2, 2])
    // What arrived under the old mapping has all its time.
    expect(await openHours(2, 1)).toEqual([2, 1])
  })

  test('a window that straddles it closes with the last of its panes', async () => {
    const predecessor = { ...firstViews, maximumRecordAgeMs: hours(3) }
    const request = { grouping: 'page', key: '/a', from: paneStartMs, to: paneStartMs + 1 } as const
    const closesAt = async (of: Pipeline): Promise<unknown> => {
      const { rows } = await read(of, world.ports.store, world.ports.clock, request)
      return rows[0]?.closesAt
    }
    const delayMs = minutes(5) + seconds(100)
    expect(await closesAt({ ...secondViews, predecessor })).toBe(secondFromMs + hours(3) + delayMs)
    expect(await closesAt(secondViews)).toBe(paneStartMs + hours(1) + hours(1) + delayMs)
  })
})

function splits(pane: number, next: number): string {
  return `effectiveFrom splits a pane of ${pane} s; the next boundary is ${next}`
}

function panes(pane: number): string {
  return `the panes of ${pane} s of an earlier definition do not make up its windows: take multiples of them, or another name for the pipeline`
}

describe('a successor is refused', () => {
  const smallest = {
    name: 'views',
    window: tumbling(minutes(1)),
    groupBy: { page: () => '' },
    measures: { views: count() },
  }
  const predecessor = definePipeline(z.json(), smallest)
  const second = definePipeline(z.json(), { ...smallest, effectiveFrom: minutes(60), predecessor })
  const define = (options: Readonly<Record<string, unknown>>): unknown =>
    definePipeline(z.json(), { ...smallest, ...options })
  const identity = 'how events get their id and time never changes: name another pipeline'
  const numbers =
    'a predecessor needs effectiveFrom, the epoch milliseconds from which this definition counts'

  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    [
      'without a predecessor',
      { effectiveFrom: minutes(60) },
      'effectiveFrom needs the predecessor, which counts the events before it',
    ],
    [
      'of another name',
      { effectiveFrom: minutes(60), predecessor: definePipeline(z.json(), { ...smallest, name: 'clicks' }) },
      'its predecessor is called clicks: another name is another pipeline',
    ],
    ['without a time', { predecessor }, numbers],
    ['with a time that is no number', { predecessor, effectiveFrom: Number.NaN }, numbers],
    ['with half a millisecond', { predecessor, effectiveFrom: 0.5 }, numbers],
    [
      'from the predecessor’s own time',
      { predecessor: second, effectiveFrom: minutes(60) },
      'effectiveFrom is not later than the predecessor’s',
    ],
    [
      'from before it',
      { predecessor: second, effectiveFrom: minutes(59) },
      'effectiveFrom is not later than the predecessor’s',
    ],
    ['within a pane', { predecessor, effectiveFrom: minutes(1) + 1 }, splits(60, minutes(2))],
    [
      'within a pane of its own',
      { predecessor, effectiveFrom: minutes(1), window: tumbling(minutes(2)) },
      splits(120, minutes(2)),
    ],
    [
      'within a pane of the predecessor',
      { predecessor, effectiveFrom: seconds(90), window: tumbling(seconds(30)) },
      splits(60, minutes(2)),
    ],
    [
      'with windows of other panes',
      { predecessor, effectiveFrom: minutes(3), window: tumbling(seconds(90)) },
      panes(60),
    ],
    [
      'with windows that start between panes',
      { predecessor, effectiveFrom: minutes(3), window: hopping(minutes(2), seconds(30)) },
      panes(60),
    ],
    [
      'with windows of other panes than the first of three',
      {
        predecessor: definePipeline(z.json(), {
          ...smallest,
          window: tumbling(seconds(60)),
          effectiveFrom: hours(1),
          predecessor: definePipeline(z.json(), { ...smallest, window: tumbling(seconds(20)) }),
        }),
        effectiveFrom: hours(2),
        window: tumbling(seconds(90)),
      },
      panes(60),
    ],
    ['with an id', { predecessor, effectiveFrom: minutes(60), id: () => '', time: () => 0 }, identity],
    [
      'with an id where there was a time alone',
      {
        predecessor: definePipeline(z.json(), { ...smallest, time: () => 0 }),
        effectiveFrom: minutes(60),
        id: () => '',
        time: () => 0,
      },
      identity,
    ],
    ['with a time of its own', { predecessor, effectiveFrom: minutes(60), time: () => 0 }, identity],
    [
      'of changes',
      { effectiveFrom: minutes(60), predecessor: defineChangePipeline(z.json(), smallest) },
      identity,
    ],
  ])('%s', (_, options, message) => {
    expect(() => define(options)).toThrow(DefinitionError)
    expect(() => define(options)).toThrow(`pipeline "views": ${message}`)
  })

  test.each<Readonly<Record<string, unknown>>>([
    { predecessor, effectiveFrom: minutes(60) },
    { predecessor: second, effectiveFrom: minutes(61) },
    { predecessor, effectiveFrom: minutes(2), window: tumbling(minutes(2)) },
    { predecessor, effectiveFrom: minutes(10), window: hopping(minutes(10), minutes(5)) },
    { predecessor, effectiveFrom: 0 },
  ])('but not with %o', (options) => {
    expect(() => define(options)).not.toThrow()
  })

  test('windows of an earlier definition’s panes are asked of every earlier one, not of the last alone', () => {
    const long = definePipeline(z.json(), { ...smallest, window: tumbling(minutes(2)) })
    const short = { window: tumbling(minutes(4)), effectiveFrom: hours(1), predecessor: long }
    const middle = definePipeline(z.json(), { ...smallest, ...short, window: tumbling(minutes(2)) })
    const newest = { predecessor: { ...middle, window: tumbling(minutes(1)) }, effectiveFrom: hours(2) }
    expect(() => define({ ...newest, window: tumbling(minutes(1)) })).toThrow(panes(120))
    expect(() => define({ ...newest, window: tumbling(minutes(2)) })).not.toThrow()
  })
})
