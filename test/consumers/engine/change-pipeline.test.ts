import * as fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { cellAddress, emptyCell, fold } from '../../../consumers/engine/cell.ts'
import { decodeCell, encodeCell } from '../../../consumers/engine/codec.ts'
import { DefinitionError, RejectError } from '../../../consumers/engine/errors.ts'
import { bucketOf } from '../../../consumers/engine/identity.ts'
import { max } from '../../../consumers/engine/measures/extremes.ts'
import {
  count,
  defineChangePipeline,
  definePipeline,
  mean,
  minutes,
  sum,
  tumbling,
} from '../../../consumers/engine/pipeline.ts'
import type { SourceRecord } from '../../../consumers/engine/ports.ts'
import { type BatchReport, processBatch } from '../../../consumers/engine/process-batch.ts'
import { read } from '../../../consumers/engine/read.ts'
import { type Route, routeRecord } from '../../../consumers/engine/route.ts'
import { WarmCells } from '../../../consumers/engine/warm-cells.ts'
import { incarnation } from './cells.ts'
import { paneStartMs, position, recordOf } from './departures.ts'
import { createWorld, type World } from './world.ts'

const schema = z.object({ status: z.string(), amount: z.number(), isTest: z.boolean().default(false) })
type Order = z.input<typeof schema>

const orders = defineChangePipeline(schema, {
  name: 'orders',
  window: tumbling(minutes(1)),
  where: (order) => !order.isTest,
  groupBy: { all: () => 'all', status: (order) => order.status },
  measures: {
    orders: count(),
    amount: sum((order) => order.amount),
    meanAmount: mean((order) => order.amount, { on: ['all'] }),
  },
  buckets: 1,
})
const address = cellAddress(orders, paneStartMs, 0)

const open: Order = { status: 'open', amount: 10 }
const paid: Order = { status: 'paid', amount: 12 }

interface Images {
  readonly old?: unknown
  readonly new?: unknown
  readonly expired?: boolean
}

/** A change of one row, at that place of its stream. */
function change(place: number, images: Images, row = 'row-1'): SourceRecord {
  return recordOf(images, { position: { ...position, sequenceNumber: String(place) }, partitionKey: row })
}

function routed(record: SourceRecord): Route | undefined {
  return routeRecord(orders, record)
}

/** What a change adds, group by group. */
function sharesOf(images: Images): unknown {
  return routed(change(1, images))?.contribution.shares.map((shares) =>
    Object.fromEntries(shares.map(({ key, states }) => [key, states])),
  )
}

let world: World
let warm: WarmCells
beforeEach(() => {
  world = createWorld()
  warm = new WarmCells()
})

function run(...records: readonly SourceRecord[]): Promise<BatchReport> {
  return processBatch(orders, records, world.ports, warm)
}

/** The groups as the head holds them, per grouping. */
function storedGroups(): unknown {
  const bytes = world.memory.peek(address)?.bytes
  if (bytes === undefined) return undefined
  return decodeCell(orders, address, bytes).groups.map((groups) => Object.fromEntries(groups))
}

describe('a change', () => {
  test('adds what the new image does where there was none', () => {
    expect(sharesOf({ new: open })).toEqual([{ all: [10, [10, 1], 1] }, { open: [10, 1] }])
  })

  test('takes back what the old image added where there is none any more', () => {
    expect(sharesOf({ old: open })).toEqual([{ all: [-10, [-10, -1], -1] }, { open: [-10, -1] }])
  })

  test('that moves a row takes it from one group and adds it to the other, in one contribution', () => {
    expect(sharesOf({ old: open, new: paid })).toEqual([
      { all: [2, [2, 0], 0] },
      { open: [-10, -1], paid: [12, 1] },
    ])
  })

  test('within a group is the difference, once', () => {
    expect(sharesOf({ old: open, new: { ...open, amount: 15 } })).toEqual([
      { all: [5, [5, 0], 0] },
      { open: [5, 0] },
    ])
  })

  test('is named by its place, dated by its arrival and routed by its row', () => {
    const at = { arrivalMs: paneStartMs + minutes(1) }
    const first = routed(change(1, { new: open }))
    expect(routed(change(1, { old: paid }))?.contribution.id).toEqual(first?.contribution.id)
    expect(routed(change(2, { new: open }))?.contribution.id).not.toEqual(first?.contribution.id)
    expect(first?.paneStartMs).toBe(paneStartMs)
    expect(routed({ ...change(1, { new: open }), ...at })?.paneStartMs).toBe(paneStartMs + minutes(1))
    const spread = { ...orders, buckets: 64 }
    for (const row of ['a', 'b', 'c']) {
      const route = routeRecord(spread, change(1, { old: open, new: paid }, row))
      expect(route?.address).toBe(cellAddress(spread, paneStartMs, bucketOf(row, 64)))
    }
  })

  test.each<[string, unknown]>([
    ['of neither image', {}],
    ['that is no object', 7],
    ['that is null', null],
    ['that is a list', [{ new: open }]],
    ['whose only image is wrong', { new: { status: 'open' } }],
    ['that deletes a row that was wrong', { old: { status: 'open' } }],
    ['from wrong to wrong', { old: { status: 'open' }, new: { amount: 1 } }],
    ['whose new image is null', { new: null }],
  ])('%s is rejected', (_, json) => {
    const record = recordOf(json)
    let failure: unknown
    try {
      routed(record)
    } catch (error) {
      failure = error
    }
    expect(failure).toBeInstanceOf(RejectError)
    expect(failure).toMatchObject({ reason: 'wrong-shape' })
  })

  test('with a value that cannot be measured is rejected where nothing else is in it', () => {
    const odd = { ...open, amount: 0.5 }
    for (const images of [{ old: odd }, { new: odd }, { old: odd, new: odd }])
      expect(() => routed(change(1, images))).toThrow(RejectError)
    expect(() => routed(change(1, { old: open, new: paid }))).not.toThrow()
  })
})

describe('an image that is not valid', () => {
  const wrong = { status: 'open' }
  const odd = { ...open, amount: 0.5 }

  test.each([wrong, odd, null])('counts as none where it is the old one: %j', (old) => {
    expect(sharesOf({ old, new: paid })).toEqual(sharesOf({ new: paid }))
    expect(routed(change(1, { old, new: paid }))).not.toHaveProperty('refusal')
  })

  test.each([wrong, odd, null])('has the old one taken back where it is the new one: %j', (image) => {
    expect(sharesOf({ old: open, new: image })).toEqual(sharesOf({ old: open }))
    expect(routed(change(1, { old: open, new: image }))?.refusal).toBeInstanceOf(RejectError)
  })

  test('is in the bucket then, and counted nowhere, at a repeat too', async () => {
    const records = [
      change(1, { new: open }),
      change(2, { old: open, new: wrong }),
      change(3, { old: wrong }),
    ]
    expect(await run(...records)).toMatchObject({ counted: 1, duplicates: 0, rejected: 2, unfinished: 0 })
    expect(storedGroups()).toEqual([{}, {}])
    expect(await run(...records)).toMatchObject({ counted: 0, duplicates: 1, rejected: 2, unfinished: 0 })
    expect(storedGroups()).toEqual([{}, {}])
    expect(world.failedRecords.writes.flat().map(({ reason }) => reason)).toEqual(
      Array.from({ length: 4 }, () => 'wrong-shape'),
    )
  })

  test('never makes the sum over a history other than the valid rows that are there', async () => {
    const image = fc.constantFrom<unknown>(undefined, open, paid, { ...paid, amount: 7 }, wrong, odd, null)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(3), image), { maxLength: 25 }), async (writes) => {
        world = createWorld()
        warm = new WarmCells()
        const rows = new Map<number, unknown>()
        const changes: SourceRecord[] = []
        for (const [row, next] of writes) {
          const old = rows.get(row)
          if (old === undefined && next === undefined) continue
          changes.push(change(changes.length, { old, new: next }, `row-${row}`))
          rows.set(row, next)
        }
        await run(...changes)
        await run(...changes)
        const valid = [...rows.values()].filter(
          (row) => row === open || (row !== odd && schema.safeParse(row).success),
        )
        const amount = valid.reduce((total: number, row) => total + schema.parse(row).amount, 0)
        const [all] = (storedGroups() ?? [{}]) as readonly Record<string, readonly unknown[]>[]
        expect(all?.['all']?.[0] ?? 0).toBe(amount)
        expect(all?.['all']?.[2] ?? 0).toBe(valid.length)
      }),
      { numRuns: 300 },
    )
  })
})

describe('images that the pipeline leaves out', () => {
  const test1: Order = { ...open, isTest: true }

  test('count as none: a row that enters is added, one that leaves is taken back', () => {
    expect(sharesOf({ old: test1, new: paid })).toEqual(sharesOf({ new: paid }))
    expect(sharesOf({ old: paid, new: test1 })).toEqual(sharesOf({ old: paid }))
  })

  test('leave out the change where both are, and only then', async () => {
    expect(routed(change(1, { old: test1, new: { ...test1, amount: 99 } }))).toBeUndefined()
    expect(routed(change(1, { new: test1 }))).toBeUndefined()
    const report = await run(
      change(1, { new: test1 }),
      change(2, { old: test1, new: open }),
      change(3, { old: test1 }),
    )
    expect(report).toMatchObject({ records: 3, counted: 1, filtered: 2, rejected: 0 })
    expect(storedGroups()).toMatchObject([{}, { open: [10, 1] }])
  })
})

describe('rows that the table’s time to live deletes', () => {
  const kept = defineChangePipeline(schema, {
    name: 'kept',
    window: tumbling(minutes(1)),
    where: (order, { expired }) => !expired && !order.isTest,
    groupBy: { status: (order) => order.status },
    measures: { orders: count() },
  })
  const route = (images: object): Route | undefined => routeRecord(kept, recordOf(images))

  test('are taken back like any others, unless the pipeline leaves such changes out', () => {
    expect(sharesOf({ old: open, expired: true })).toEqual(sharesOf({ old: open }))
    expect(route({ old: open, expired: true })).toBeUndefined()
    expect(route({ old: open })?.contribution.shares).toEqual([[{ key: 'open', states: [-1] }]])
    expect(route({ old: open, expired: 'yes' })).toBeDefined()
  })
})

describe('groups', () => {
  test('a group from which all is taken back vanishes from the head, while its changes stay known', async () => {
    await run(change(1, { new: open }))
    expect(storedGroups()).toEqual([{ all: [10, [10, 1], 1] }, { open: [10, 1] }])
    await run(change(2, { old: open, new: paid }))
    expect(storedGroups()).toEqual([{ all: [12, [12, 1], 1] }, { paid: [12, 1] }])
    await run(change(3, { old: paid }))
    expect(storedGroups()).toEqual([{}, {}])
    expect(await run(change(1, { new: open }), change(2, { old: open, new: paid }))).toMatchObject({
      duplicates: 2,
    })
    expect(storedGroups()).toEqual([{}, {}])
    expect(await run(change(4, { new: open }))).toMatchObject({ counted: 1 })
    expect(storedGroups()).toMatchObject([{}, { open: [10, 1] }])
  })

  test('a change that changes nothing counts, and leaves no group behind', async () => {
    expect(await run(change(1, { old: open, new: open }))).toMatchObject({ counted: 1, filtered: 0 })
    expect(storedGroups()).toEqual([{}, {}])
    expect(await run(change(1, { old: open, new: open }))).toMatchObject({ duplicates: 1 })
  })

  test('a group that only seems empty stays', async () => {
    await run(change(1, { new: { ...open, amount: 0 } }))
    expect(storedGroups()).toMatchObject([{}, { open: [0, 1] }])
    await run(
      change(2, { old: open, new: { ...open, amount: 11 } }),
      change(3, { old: { ...open, amount: 0 } }),
    )
    expect(storedGroups()).toMatchObject([{}, { open: [1, 0] }])
  })

  test('that one pane adds and the next takes back are in no row of a window over both', async () => {
    const pairs = { ...orders, window: tumbling(minutes(1)) }
    const both = { ...pairs, window: { ...pairs.window, sizeMs: minutes(2), periodMs: minutes(2) } }
    const later = { ...change(2, { old: open, new: paid }), arrivalMs: paneStartMs + minutes(1) }
    await run(change(1, { new: open }), later)
    const request = { grouping: 'status', from: paneStartMs, to: paneStartMs + minutes(2) } as const
    const keysOf = async (pipeline: typeof orders): Promise<unknown> => {
      const { rows } = await read(pipeline, world.memory, world.ports.clock, request)
      return rows.map(({ key }) => key)
    }
    expect(await keysOf(both)).toEqual(['paid'])
    expect(await keysOf(pairs)).toEqual(['open', 'open', 'paid'])
  })

  test('vanished ones make room for others, in groups and in bytes', () => {
    const tight = { ...orders, maximumGroups: 2 }
    const cell = emptyCell(tight, address, incarnation, false)
    const offer = (place: number, images: Images): string => {
      const contribution = routed(change(place, images))?.contribution
      if (contribution === undefined) throw new Error('the change is left out')
      return fold(tight, cell, contribution)
    }
    expect(offer(1, { new: open })).toBe('folded')
    expect(offer(2, { new: paid })).toBe('over-cap')
    expect(offer(3, { old: open })).toBe('folded')
    expect(cell.groupBytes).toBe(0)
    expect(offer(4, { new: paid })).toBe('folded')
    // In a full cell too: what changes nothing, and what leaves one group for another.
    expect(offer(5, { old: paid, new: paid })).toBe('folded')
    expect(offer(6, { old: paid, new: open })).toBe('folded')
    expect(offer(7, { new: paid })).toBe('over-cap')
  })

  test('of a pipeline of events stay, whatever their states', () => {
    const levels = definePipeline(schema, {
      name: 'levels',
      window: tumbling(minutes(1)),
      groupBy: { status: (order) => order.status },
      measures: { amount: sum((order) => order.amount) },
    })
    const contribution = routeRecord(levels, recordOf({ ...open, amount: 0 }))?.contribution
    const cell = emptyCell(levels, address, incarnation, false)
    if (contribution !== undefined) fold(levels, cell, contribution)
    expect([...(cell.groups[0] ?? [])]).toEqual([['open', [0]]])
  })
})

/** The bytes of the groups after these changes, in batches of so many. */
async function bytesAfter(all: readonly (readonly [number, Images])[], batch: number): Promise<Buffer> {
  world = createWorld()
  warm = new WarmCells()
  for (let at = 0; at < all.length; at += batch)
    await run(...all.slice(at, at + batch).map(([place, each]) => change(place, each)))
  const cell = decodeCell(orders, address, world.memory.peek(address)?.bytes ?? Buffer.of())
  const ids = { active: emptyCell(orders, address, incarnation, false).active }
  return Buffer.from(encodeCell({ ...cell, ...ids, incarnation, nonce: incarnation, version: 1 }))
}

test('in whatever order and batches changes come, the groups are the net change, by equal bytes', async () => {
  const order = fc.record({ status: fc.constantFrom('open', 'paid', 'x'), amount: fc.nat(3) })
  const images = fc.oneof(
    fc.record({ new: order }),
    fc.record({ old: order }),
    fc.record({ old: order, new: order }),
  )
  const changes = fc.array(images, { minLength: 1, maxLength: 12 }).chain((all) => {
    const numbered = all.map((each, index): readonly [number, Images] => [index, each])
    const shuffled = fc.shuffledSubarray(numbered, { minLength: all.length, maxLength: all.length })
    return fc.record({ numbered: fc.constant(numbered), shuffled, batch: fc.integer({ min: 1, max: 12 }) })
  })
  await fc.assert(
    fc.asyncProperty(changes, async ({ numbered, shuffled, batch }) => {
      const inOrder = await bytesAfter(numbered, numbered.length)
      expect(Buffer.compare(await bytesAfter(shuffled, batch), inOrder)).toBe(0)
      const net = new Map<string, { orders: number; amount: number }>()
      const add = (each: unknown, sign: number): void => {
        if (each === undefined) return
        const { status, amount } = schema.parse(each)
        const so = net.get(status) ?? { orders: 0, amount: 0 }
        net.set(status, { orders: so.orders + sign, amount: so.amount + sign * amount })
      }
      for (const [, each] of numbered) {
        add(each.old, -1)
        add(each.new, 1)
      }
      const request = { grouping: 'status', from: paneStartMs, to: paneStartMs + 1 } as const
      const { rows } = await read(orders, world.memory, world.ports.clock, request)
      const expected = [...net].filter(([, so]) => so.orders !== 0 || so.amount !== 0)
      expect(new Map(rows.map(({ key, values }) => [key, values]))).toEqual(new Map(expected))
    }),
    { numRuns: 150 },
  )
})

describe('a definition', () => {
  const smallest = { name: 'orders', window: tumbling(minutes(1)), groupBy: { all: () => 'all' } }

  test('with a measure that cannot take back what it added is refused, by name', () => {
    const careless: Readonly<Record<string, unknown>> = {
      ...smallest,
      measures: { orders: count(), most: max((order: Order) => order.amount) },
    }
    const define = (options: Readonly<Record<string, unknown>>): unknown =>
      defineChangePipeline(schema, { ...smallest, measures: { orders: count() }, ...options })
    expect(() => define(careless)).toThrow(DefinitionError)
    expect(() => define(careless)).toThrow(
      'pipeline "orders": most cannot take back what it added: use count, sum, mean, variance or histogram',
    )
    expect(() => define({})).not.toThrow()
  })

  test('of changes is never one of events', () => {
    const measures = { orders: count() }
    const changes = defineChangePipeline(schema, { ...smallest, measures })
    expect(changes).toMatchObject({ retracts: true, bucketBy: undefined, hasId: false, hasTime: false })
    const events = definePipeline(schema, { ...smallest, measures })
    expect(events.retracts).toBe(false)
    expect(changes.fingerprint).not.toBe(events.fingerprint)
  })
})
