import { expect, expectTypeOf, test } from 'vitest'
import * as z from 'zod'
import { DefinitionError } from '../../../consumers/engine/errors.ts'
import { max } from '../../../consumers/engine/measures/extremes.ts'
import {
  count,
  defineChangePipeline,
  definePipeline,
  minutes,
  sum,
  tumbling,
} from '../../../consumers/engine/pipeline.ts'
import { type ReadRequest, read } from '../../../consumers/engine/read.ts'
import { createWorld } from './world.ts'

const schema = z.object({ page: z.string(), site: z.string(), bytes: z.number() })

const views = definePipeline(schema, {
  name: 'views',
  window: tumbling(minutes(1)),
  groupBy: { page: (view) => view.page, site: (view) => view.site },
  measures: {
    views: count(),
    bytes: sum((view) => view.bytes, { on: ['site'] }),
    most: max((view) => view.bytes, { on: ['page', 'site'] }),
  },
})

type Measures = NonNullable<(typeof views)['types']>['measures']
const range = { from: 0, to: minutes(1) }
const { store, clock } = createWorld().ports

test('values have exactly the measures that the grouping keeps', async () => {
  const pages = await read(views, store, clock, { grouping: 'page', key: '/', ...range })
  expectTypeOf(pages.rows).items.toHaveProperty('values').toEqualTypeOf<{
    readonly views: number
    readonly most: number | undefined
  }>()
  expectTypeOf(pages.rows).items.toHaveProperty('grouping').toEqualTypeOf<'page'>()
  const sites = await read(views, store, clock, { grouping: 'site', key: '/', ...range })
  expectTypeOf(sites.rows).items.toHaveProperty('values').toEqualTypeOf<{
    readonly views: number
    readonly bytes: number | bigint
    readonly most: number | undefined
  }>()
  expect(pages.rows.map(({ values }) => Object.keys(values).sort())).toEqual([['most', 'views']])
  expect(sites.rows.map(({ values }) => Object.keys(values).sort())).toEqual([['bytes', 'most', 'views']])
  // @ts-expect-error: bytes are kept for sites alone.
  expect(pages.rows.map(({ values }): unknown => values.bytes)).toEqual([undefined])
  expect(sites.rows.map(({ values }) => values.bytes)).toEqual([0])
})

test('a grouping that is not the pipeline’s cannot be read', async () => {
  expectTypeOf<'page' | 'site'>().toEqualTypeOf<NonNullable<(typeof views)['types']>['grouping']>()
  // @ts-expect-error: there are pages and sites.
  await expect(read(views, store, clock, { grouping: 'city', ...range })).rejects.toThrow('no grouping city')
  await expect(read(views, store, clock, { grouping: 'site', ...range })).resolves.toBeDefined()
})

test('the largest groups are those by a measure that the grouping keeps', async () => {
  type By<Grouping extends 'page' | 'site'> = NonNullable<ReadRequest<Grouping, Measures>['top']>['by']
  expectTypeOf<By<'page'>>().toEqualTypeOf<'views' | 'most'>()
  expectTypeOf<By<'site'>>().toEqualTypeOf<'views' | 'bytes' | 'most'>()
  const refusal = 'keeps no measure'
  await expect(
    // @ts-expect-error: no measure is called so.
    read(views, store, clock, { grouping: 'page', ...range, top: { groups: 1, by: 'weight' } }),
  ).rejects.toThrow(refusal)
  await expect(
    // @ts-expect-error: bytes are kept for sites alone.
    read(views, store, clock, { grouping: 'page', ...range, top: { groups: 1, by: 'bytes' } }),
  ).rejects.toThrow(refusal)
  await expect(
    read(views, store, clock, { grouping: 'site', ...range, top: { groups: 1, by: 'bytes' } }),
  ).resolves.toBeDefined()
})

const smallest = {
  name: 'views',
  window: tumbling(minutes(1)),
  groupBy: { page: (view: z.infer<typeof schema>) => view.page },
  measures: { views: count() },
}

test('a window is made by tumbling or hopping: a number of milliseconds is none', () => {
  // @ts-expect-error: a number says nothing of panes.
  expect(() => definePipeline(schema, { ...smallest, window: minutes(1) })).toThrow(DefinitionError)
  expect(() => definePipeline(schema, { ...smallest, window: tumbling(minutes(1)) })).not.toThrow()
})

test('a measure is kept for groupings that there are', () => {
  expect(() =>
    definePipeline(schema, {
      ...smallest,
      // @ts-expect-error: there are pages only.
      measures: { views: count(), bytes: sum((view) => view.bytes, { on: ['city'] }) },
    }),
  ).toThrow('city')
  const { measures } = smallest
  const kept = { ...measures, bytes: sum((view: z.infer<typeof schema>) => view.bytes, { on: ['page'] }) }
  expect(() => definePipeline(schema, { ...smallest, measures: kept })).not.toThrow()
})

test('cells are bucketed by a grouping that there is', () => {
  // @ts-expect-error: there are pages only.
  expect(() => definePipeline(schema, { ...smallest, bucketBy: 'city' })).toThrow('city')
  expect(() => definePipeline(schema, { ...smallest, bucketBy: 'page' })).not.toThrow()
})

test('a successor says from when, and whom it succeeds', () => {
  const predecessor = definePipeline(schema, smallest)
  // @ts-expect-error: it does not say from when.
  expect(() => definePipeline(schema, { ...smallest, predecessor })).toThrow('effectiveFrom')
  // @ts-expect-error: it does not say whom.
  expect(() => definePipeline(schema, { ...smallest, effectiveFrom: minutes(1) })).toThrow('predecessor')
  expect(() => definePipeline(schema, { ...smallest, predecessor, effectiveFrom: minutes(1) })).not.toThrow()
})

const id = (view: z.infer<typeof schema>): string => view.page

test('an id asks for a time from the payload', () => {
  // @ts-expect-error: a repeat arrives later, in another window.
  expect(() => definePipeline(schema, { ...smallest, id })).toThrow('an id needs a time')
  expect(() => definePipeline(schema, { ...smallest, id, time: (view) => view.bytes })).not.toThrow()
})

test('changes are measured by what can be taken back', () => {
  const most = max((view: z.infer<typeof schema>) => view.bytes)
  expect(() =>
    // @ts-expect-error: a largest value cannot be taken back.
    defineChangePipeline(schema, { ...smallest, measures: { most } }),
  ).toThrow('most cannot take back what it added')
  const changes = defineChangePipeline(schema, {
    ...smallest,
    measures: { bytes: sum((view) => view.bytes, { on: ['page'] }) },
  })
  expectTypeOf<NonNullable<(typeof changes)['types']>['grouping']>().toEqualTypeOf<'page'>()
})
