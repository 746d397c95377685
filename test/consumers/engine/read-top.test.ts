import { beforeEach, expect, it } from 'vitest'
import * as z from 'zod'
import { DefinitionError } from '../../../consumers/engine/errors.ts'
import { definePipeline, max, minutes, sum, tumbling } from '../../../consumers/engine/pipeline.ts'
import { processBatch } from '../../../consumers/engine/process-batch.ts'
import { read, type ReadRequest } from '../../../consumers/engine/read.ts'
import { WarmCells } from '../../../consumers/engine/warm-cells.ts'
import { paneStartMs, position } from './departures.ts'
import { createWorld, type World } from './world.ts'

const saleSchema = z.object({
  id: z.string(),
  at: z.number(),
  shop: z.string(),
  cents: z.int(),
  isRated: z.boolean(),
})
type Sale = z.infer<typeof saleSchema>

const sales = definePipeline(saleSchema, {
  name: 'sales',
  id: (sale) => sale.id,
  time: (sale) => sale.at,
  window: tumbling(minutes(1)),
  groupBy: { shop: (sale) => sale.shop },
  measures: {
    cents: sum((sale) => sale.cents),
    euros: sum((sale) => (BigInt(sale.cents) * 100n).toString(), { decimals: 2 }),
    most: max((sale) => sale.cents, { where: (sale) => sale.isRated }),
  },
})
type Top = NonNullable<ReadRequest<'shop', NonNullable<(typeof sales)['types']>['measures']>['top']>

let world: World
beforeEach(() => {
  world = createWorld()
})

async function sell(
  ...sold: readonly (readonly [shop: string, cents: number, more?: Partial<Sale>])[]
): Promise<void> {
  const records = sold.map(([shop, cents, more], index) => ({
    position: { ...position, sequenceNumber: String(index) },
    partitionKey: shop,
    arrivalMs: paneStartMs,
    payload: Buffer.from(
      JSON.stringify({ id: `sale-${index}`, at: paneStartMs, shop, cents, isRated: true, ...more }),
    ),
    raw: undefined,
  }))
  const report = await processBatch(sales, records, world.ports, new WarmCells())
  expect(report.counted).toBe(sold.length)
}

async function shopsOf(top: Top | undefined, toMs = paneStartMs + minutes(1)): Promise<unknown[]> {
  const { rows } = await read(sales, world.ports.store, world.ports.clock, {
    grouping: 'shop',
    from: paneStartMs,
    to: toMs,
    ...(top !== undefined && { top }),
  })
  return rows.map(({ key }) => key)
}

it('gives the groups with the largest values, the largest first, where without it all come in the order of keys', async () => {
  await sell(['a', 5], ['b', 100], ['c', 20], ['d', -3])
  expect(await shopsOf({ groups: 2, by: 'cents' })).toEqual(['b', 'c'])
  expect(await shopsOf(undefined)).toEqual(['a', 'b', 'c', 'd'])
})

it('orders ties by their keys, so that the same groups come every time', async () => {
  await sell(['d', 7], ['b', 7], ['c', 7], ['a', 1])
  expect(await shopsOf({ groups: 2, by: 'cents' })).toEqual(['b', 'c'])
})

it('gives all groups where there are fewer, and none where there are none', async () => {
  expect(await shopsOf({ groups: 5, by: 'cents' })).toEqual([])
  await sell(['a', 1], ['b', 2])
  expect(await shopsOf({ groups: 5, by: 'cents' })).toEqual(['b', 'a'])
})

it('puts groups without a value last, after those below zero', async () => {
  await sell(['a', 50, { isRated: false }], ['b', -9], ['c', 0], ['d', 60, { isRated: false }])
  expect(await shopsOf({ groups: 4, by: 'most' })).toEqual(['c', 'b', 'a', 'd'])
})

it('orders sums beyond 2^53 exactly, among themselves and among smaller ones', async () => {
  const large = Number.MAX_SAFE_INTEGER
  await sell(['a', large], ['a', 1], ['b', large], ['b', 2], ['c', large], ['d', 5])
  expect(await shopsOf({ groups: 4, by: 'cents' })).toEqual(['b', 'a', 'c', 'd'])
})

it('orders sums of decimals by their value and not as texts', async () => {
  const large = Number.MAX_SAFE_INTEGER
  await sell(['a', 9], ['b', large], ['b', large], ['c', large], ['d', 10])
  expect(await shopsOf({ groups: 4, by: 'euros' })).toEqual(['b', 'c', 'd', 'a'])
})

it('takes the largest of each window by itself', async () => {
  await sell(
    ['a', 5],
    ['b', 9],
    ['a', 8, { at: paneStartMs + minutes(1) }],
    ['b', 2, { at: paneStartMs + minutes(1) }],
  )
  world.time.nowMs = paneStartMs + minutes(1)
  expect(await shopsOf({ groups: 1, by: 'cents' }, paneStartMs + minutes(2))).toEqual(['b', 'a'])
})

it('refuses a measure that is not kept, with those that are', async () => {
  const wrong = { groups: 1, by: 'profit' as 'cents' }
  await expect(shopsOf(wrong)).rejects.toThrow(DefinitionError)
  await expect(shopsOf(wrong)).rejects.toThrow(
    'keeps no measure profit for shop; it keeps cents, euros, most',
  )
})
