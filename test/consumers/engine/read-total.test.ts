import { beforeEach, describe, expect, test } from 'vitest'
import * as z from 'zod'
import {
  count,
  defineChangePipeline,
  hopping,
  minutes,
  sum,
  tumbling,
} from '../../../consumers/engine/pipeline.ts'
import { processBatch } from '../../../consumers/engine/process-batch.ts'
import { read, type ReadRequest } from '../../../consumers/engine/read.ts'
import { WarmCells } from '../../../consumers/engine/warm-cells.ts'
import { maximumDelayMs, paneGateMs, wholeSinceMs } from '../../../consumers/engine/windows.ts'
import { paneStartMs, position, recordOf } from './departures.ts'
import { createWorld, type World } from './world.ts'

const schema = z.object({ status: z.string(), amount: z.int() })
const options = {
  name: 'orders',
  window: tumbling(minutes(1)),
  groupBy: { status: (order: z.infer<typeof schema>) => order.status },
  measures: { orders: count(), amount: sum((order: z.infer<typeof schema>) => order.amount) },
} as const
const orders = defineChangePipeline(schema, options)

const placed = { status: 'placed', amount: 10 }
const paid = { status: 'paid', amount: 12 }
const at = (minute: number): number => paneStartMs + minutes(minute)

let world: World
beforeEach(() => {
  world = createWorld()
})

async function change(
  minute: number,
  row: string,
  images: object,
  pipeline: Parameters<typeof processBatch>[0] = orders,
): Promise<void> {
  const place = { ...position, sequenceNumber: `${row} ${minute}` }
  const record = recordOf(images, { position: place, partitionKey: row, arrivalMs: at(minute) })
  expect(await processBatch(pipeline, [record], world.ports, new WarmCells())).toMatchObject({ counted: 1 })
}

async function valuesOf(
  from: number,
  to: number,
  more: Pick<Partial<ReadRequest<'status'>>, 'key' | 'total'> = {},
  pipeline = orders,
): Promise<unknown> {
  const request = { grouping: 'status', from, to, total: true, ...more } as const
  const { rows } = await read(pipeline, world.ports.store, world.ports.clock, request)
  return rows.map(({ key, values }) => [key, values])
}

describe('a total', () => {
  test('is what all windows of the range come to: of changes, the rows as they are', async () => {
    await change(0, 'a', { new: placed })
    await change(0, 'b', { new: placed })
    await change(3, 'a', { old: placed, new: paid })
    await change(7, 'c', { new: { ...placed, amount: 5 } })
    expect(await valuesOf(at(0), at(8))).toEqual([
      ['paid', { orders: 1, amount: 12 }],
      ['placed', { orders: 2, amount: 15 }],
    ])
    expect(await valuesOf(at(0), at(8), { total: false, key: 'placed' })).toHaveLength(8)
  })

  test('has no row for a group whose last row is gone, but one where it is asked for', async () => {
    await change(0, 'a', { new: placed })
    await change(3, 'a', { old: placed, new: paid })
    expect(await valuesOf(at(0), at(4))).toEqual([['paid', { orders: 1, amount: 12 }]])
    expect(await valuesOf(at(0), at(4), { key: 'placed' })).toEqual([['placed', { orders: 0, amount: 0 }]])
    expect(await valuesOf(at(0), at(3))).toEqual([['placed', { orders: 1, amount: 10 }]])
  })

  test('of a range that cuts through windows takes them whole', async () => {
    await change(0, 'a', { new: placed })
    await change(1, 'b', { new: placed })
    await change(2, 'c', { new: placed })
    expect(await valuesOf(at(0) + 1, at(1) + 1)).toEqual([['placed', { orders: 2, amount: 20 }]])
    expect(await valuesOf(at(0) + 1, at(1))).toEqual([['placed', { orders: 1, amount: 10 }]])
    expect(await valuesOf(at(1), at(1))).toEqual([])
  })

  test('counts an event once, though hopping windows overlap', async () => {
    const hopped = defineChangePipeline(schema, { ...options, window: hopping(minutes(5), minutes(1)) })
    await change(2, 'a', { new: placed }, hopped)
    expect(await valuesOf(at(0), at(6), {}, hopped)).toEqual([['placed', { orders: 1, amount: 10 }]])
    expect(await valuesOf(at(0), at(6), { total: false }, hopped)).toHaveLength(5)
  })

  test('is one window, which closes when its last one does', async () => {
    await change(0, 'a', { new: placed })
    const request = { grouping: 'status', from: at(0), to: at(3), total: true } as const
    const result = await read(orders, world.ports.store, world.ports.clock, request)
    expect(result).toMatchObject({ windows: 1, incompleteWindows: 0, requests: 3 * orders.buckets })
    const closesAt = at(3) + maximumDelayMs(orders)
    expect(result.rows).toMatchObject([{ windowStart: at(0), windowEnd: at(3), complete: true, closesAt }])
  })

  test('of too many panes is refused', async () => {
    await expect(valuesOf(0, minutes(100_001))).rejects.toThrow('1 windows of 100001 panes are too much')
  })
})

describe('what the cache still holds all of', () => {
  const nowMs = at(500)
  const sinceMs = wholeSinceMs(nowMs, orders)

  test('begins with the first window that is whole for another minute', () => {
    expect(sinceMs % orders.window.periodMs).toBe(0)
    expect(paneGateMs(sinceMs, orders)).toBeGreaterThanOrEqual(nowMs + minutes(1))
    expect(paneGateMs(sinceMs - orders.window.periodMs, orders)).toBeLessThan(nowMs + minutes(1))
  })

  test('is complete, and what begins before it is not', async () => {
    world.time.nowMs = nowMs
    const request = { grouping: 'status', to: nowMs, total: true } as const
    const since = async (from: number): Promise<number> => {
      const result = await read(orders, world.ports.store, world.ports.clock, { ...request, from })
      return result.incompleteWindows
    }
    expect(await since(sinceMs)).toBe(0)
    expect(await since(sinceMs - minutes(2))).toBe(1)
  })
})
