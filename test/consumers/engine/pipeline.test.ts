import { describe, expect, expectTypeOf, test } from 'vitest'
import * as z from 'zod'
import { DefinitionError } from '../../../consumers/engine/errors.ts'
import type { Key } from '../../../consumers/engine/keys.ts'
import {
  count,
  definePipeline,
  hopping,
  hours,
  max,
  mean,
  min,
  minutes,
  seconds,
  sum,
  tumbling,
} from '../../../consumers/engine/pipeline.ts'
import { read } from '../../../consumers/engine/read.ts'
import { maximumDelayMs, minimumRetentionMs, paneGateMs } from '../../../consumers/engine/windows.ts'
import { createWorld } from './world.ts'

const schema = z.object({ id: z.string(), at: z.number(), page: z.string(), bytes: z.number() })
type View = z.infer<typeof schema>

const pageOf = (view: View): string => view.page
const bytesOf = (view: View): number => view.bytes

const smallest = {
  name: 'views',
  window: tumbling(minutes(1)),
  groupBy: { page: pageOf },
  measures: { views: count() },
}

/** A definition with these options, as plain JavaScript would write it: whatever the types say. */
function define(options: Readonly<Record<string, unknown>> = {}): ReturnType<typeof definePipeline> {
  return definePipeline(schema, { ...smallest, ...options })
}

/** How a duration is refused. */
function duration(option: string, bounds: string, value: number): string {
  return `${option} is whole seconds from ${bounds}, written in milliseconds; not ${value}`
}

describe('defaults', () => {
  test('they are the documented ones', () => {
    expect(define()).toMatchObject({
      allowedLatenessMs: minutes(5),
      allowedFutureSkewMs: minutes(1),
      maximumRecordAgeMs: hours(1),
      retentionMs: hours(6),
      bucketBy: undefined,
      buckets: 4,
      maximumGroups: 2_000,
    })
  })

  test('the least retention keeps the first pane of a window until the window is final', () => {
    for (const window of [tumbling(minutes(1)), tumbling(hours(1)), hopping(minutes(10), minutes(4))]) {
      const pipeline = define({ window, retention: minimumRetentionMs(window) })
      expect(paneGateMs(0, pipeline)).toBe(window.sizeMs + maximumDelayMs(pipeline))
      expect(() => define({ window, retention: minimumRetentionMs(window) - seconds(1) })).toThrow(
        'retention',
      )
    }
    expect(minimumRetentionMs(tumbling(minutes(1)))).toBe(seconds(60 + 10 + 60 + 30))
  })

  test('what is written takes their place', () => {
    const written = {
      allowedLateness: 0,
      allowedFutureSkew: 0,
      maximumRecordAge: minutes(1),
      retention: seconds(160),
      bucketBy: 'page',
      buckets: 1,
      maximumGroups: 1,
    }
    expect(define(written)).toMatchObject({
      allowedLatenessMs: 0,
      allowedFutureSkewMs: 0,
      maximumRecordAgeMs: minutes(1),
      retentionMs: seconds(160),
      bucketBy: 'page',
      buckets: 1,
      maximumGroups: 1,
    })
  })
})

describe('refusals', () => {
  const name = 'a name is kebab-case, such as page-views, of at most 64 characters'
  const record = '60 s to 604800 s'
  const ownWindow = 'window is what tumbling(...) or hopping(...) gives, as it is'
  test.each<[Readonly<Record<string, unknown>>, string]>([
    [{ name: 'pageViews' }, name],
    [{ name: '' }, name],
    [{ name: 'page--views' }, name],
    [{ name: '1-page' }, name],
    [{ name: 'page:views' }, name],
    [{ name: 'a'.repeat(65) }, name],
    [{ allowedLateness: -1_000 }, duration('allowedLateness', '0 s to 86400 s', -1_000)],
    [{ allowedLateness: 1_500 }, duration('allowedLateness', '0 s to 86400 s', 1_500)],
    [{ allowedLateness: Number.NaN }, duration('allowedLateness', '0 s to 86400 s', Number.NaN)],
    [{ allowedFutureSkew: Infinity }, duration('allowedFutureSkew', '0 s to 86400 s', Infinity)],
    [{ maximumRecordAge: seconds(59) }, duration('maximumRecordAge', record, 59_000)],
    [{ maximumRecordAge: hours(169) }, duration('maximumRecordAge', record, hours(169))],
    [
      { window: tumbling(hours(1)), retention: minutes(56) },
      duration('retention', '3460 s to 86400 s', minutes(56)),
    ],
    [{ retention: seconds(159) }, duration('retention', '160 s to 86400 s', 159_000)],
    [
      { retention: hours(23) },
      'its cells would live 24.3 h, and the cache keeps an item 24 h: shorten retention, maximumRecordAge or allowedLateness',
    ],
    [{ groupBy: {} }, 'groupBy names no grouping'],
    [{ measures: {} }, 'measures names no measure'],
    [{ bucketBy: 'origin' }, 'bucketBy names no grouping: origin'],
    [{ buckets: 0 }, 'buckets is a whole number from 1 to 1024'],
    [{ buckets: 1.5 }, 'buckets is a whole number from 1 to 1024'],
    [{ buckets: 1_025 }, 'buckets is a whole number from 1 to 1024'],
    [{ maximumGroups: 0 }, 'maximumGroups is a whole number above 0'],
    [{ maximumGroups: 0.5 }, 'maximumGroups is a whole number above 0'],
    [
      { id: (view: View) => view.id },
      'an id needs a time from the payload: a repeat arrives later, in another window',
    ],
    [{ window: { ...tumbling(minutes(1)), paneMs: 7_000 } }, ownWindow],
    [{ window: { ...tumbling(minutes(1)), periodMs: minutes(2) } }, ownWindow],
    [{ window: minutes(1) }, ownWindow],
  ])('%o is refused with what to change', (options, message) => {
    const pipeline = JSON.stringify(options['name'] ?? smallest.name)
    expect(() => define(options)).toThrow(DefinitionError)
    expect(() => define(options)).toThrow(`pipeline ${pipeline}: ${message}`)
  })

  test.each<Readonly<Record<string, unknown>>>([
    { name: 'a'.repeat(64) },
    { name: 'page-views-2' },
    { buckets: 1_024 },
    { retention: hours(22) },
    { id: (view: View) => view.id, time: (view: View) => view.at },
    { time: (view: View) => view.at },
  ])('%o is just within the bounds', (options) => {
    expect(() => define(options)).not.toThrow()
  })
})

describe('fingerprint', () => {
  const { fingerprint } = define({ measures: { views: count(), bytes: sum(bytesOf) } })

  test('it is the same for the same definition, in whatever order it is written', () => {
    const reordered = define({ measures: { bytes: sum(bytesOf), views: count() } })
    expect(reordered.fingerprint).toBe(fingerprint)
    expect(reordered.measures.map(({ name }) => name)).toEqual(['bytes', 'views'])
    const two = { page: pageOf, bytes: (view: View) => String(view.bytes) }
    const twoReordered = { bytes: two.bytes, page: two.page }
    expect(define({ groupBy: two }).fingerprint).toBe(define({ groupBy: twoReordered }).fingerprint)
    expect(define({ groupBy: two }).groupings).toEqual(['bytes', 'page'])
  })

  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['pane', { window: tumbling(minutes(2)) }],
    ['buckets', { buckets: 5 }],
    ['bucketBy', { bucketBy: 'page' }],
    ['name of a grouping', { groupBy: { pages: pageOf } }],
    ['number of groupings', { groupBy: { page: pageOf, all: () => '' } }],
    ['name of a measure', { measures: { views: count(), sum: sum(bytesOf) } }],
    ['kind of a measure', { measures: { views: count(), bytes: mean(bytesOf) } }],
    ['number of measures', { measures: { views: count() } }],
    // Heads and segments of one address have to expire together.
    ['retention', { retention: hours(7) }],
    ['lateness', { allowedLateness: minutes(6) }],
    ['record age', { maximumRecordAge: hours(2) }],
  ])('another %s is another definition', (_, options) => {
    const base = { measures: { views: count(), bytes: sum(bytesOf) } }
    expect(define({ ...base, ...options }).fingerprint).not.toBe(fingerprint)
  })

  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['cap', { maximumGroups: 3 }],
    ['future skew', { allowedFutureSkew: minutes(2) }],
  ])('another %s leaves the cells where they are', (_, options) => {
    const base = { measures: { views: count(), bytes: sum(bytesOf) } }
    expect(define({ ...base, ...options }).fingerprint).toBe(fingerprint)
  })

  test('a window of more panes of the same length shares them', () => {
    const [ten, hour] = [minutes(10), hours(1)].map((size) => define({ window: tumbling(size) }).fingerprint)
    expect(ten).toBe(hour)
  })
})

describe('types', () => {
  test('what is read has the types of the definition', async () => {
    const views = definePipeline(schema, {
      ...smallest,
      groupBy: { page: pageOf, site: (view) => [view.page, view.id] },
      measures: {
        views: count(),
        bytes: sum((view) => view.bytes),
        mean: mean((view) => view.bytes),
        least: min((view) => view.bytes),
        most: max((view) => view.bytes),
      },
    })
    const { ports } = createWorld()
    const { rows } = await read(views, ports.store, ports.clock, {
      grouping: 'page',
      key: '/',
      from: 0,
      to: minutes(1),
    })
    expectTypeOf(rows).items.toHaveProperty('values').toEqualTypeOf<{
      readonly views: number
      readonly bytes: number | bigint
      readonly mean: number | undefined
      readonly least: number | undefined
      readonly most: number | undefined
    }>()
    expectTypeOf(rows).items.toHaveProperty('grouping').toEqualTypeOf<'page'>()
    expectTypeOf(rows).items.toHaveProperty('key').toEqualTypeOf<Key>()
    expect(rows.map(({ values }) => values)).toEqual([
      { views: 0, bytes: 0, mean: undefined, least: undefined, most: undefined },
    ])
  })

  test('only groupings of the definition can be read or bucketed by, and an id asks for a time', () => {
    type Views = typeof views
    const views = definePipeline(schema, smallest)
    expectTypeOf<NonNullable<Views['types']>['grouping']>().toEqualTypeOf<'page'>()
    type Options = Parameters<
      typeof definePipeline<View, typeof smallest.groupBy, typeof smallest.measures>
    >[1]
    expectTypeOf<{ bucketBy: 'page' } & typeof smallest>().toExtend<Options>()
    expectTypeOf<{ bucketBy: 'site' } & typeof smallest>().not.toExtend<Options>()
    expectTypeOf<
      { id: (view: View) => string; time: (view: View) => number } & typeof smallest
    >().toExtend<Options>()
    expectTypeOf<{ id: (view: View) => string } & typeof smallest>().not.toExtend<Options>()
    expect(views.groupings).toEqual(['page'])
  })
})
