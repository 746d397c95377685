import { describe as suite, expect, it } from 'vitest'
import * as z from 'zod'
import { describe, type ExpectedLoad } from '../../../consumers/engine/describe.ts'
import { DefinitionError } from '../../../consumers/engine/errors.ts'
import { bucketOf } from '../../../consumers/engine/identity.ts'
import {
  count,
  definePipeline,
  distinct,
  histogram,
  hopping,
  hours,
  last,
  max,
  mean,
  minutes,
  type Pipeline,
  quantiles,
  ratio,
  seconds,
  sum,
  tumbling,
  variance,
} from '../../../consumers/engine/pipeline.ts'
import { processBatch } from '../../../consumers/engine/process-batch.ts'
import { WarmCells } from '../../../consumers/engine/warm-cells.ts'
import { position } from './departures.ts'
import { SeededRandom } from './seeded-random.ts'
import { createWorld } from './world.ts'

const saleSchema = z.object({
  id: z.string(),
  at: z.number(),
  shop: z.string(),
  product: z.string(),
  cents: z.int(),
})
type Sale = z.infer<typeof saleSchema>

const common = {
  id: (sale: Sale) => sale.id,
  time: (sale: Sale) => sale.at,
  window: tumbling(seconds(20)),
  groupBy: { shop: (sale: Sale) => sale.shop, product: (sale: Sale) => sale.product },
  bucketBy: 'shop',
} as const

const small = definePipeline(saleSchema, {
  ...common,
  name: 'small-sales',
  measures: {
    sales: count(),
    cents: sum((sale) => sale.cents),
    meanCents: mean((sale) => sale.cents),
    mostCents: max((sale) => sale.cents),
  },
})

const large = definePipeline(saleSchema, {
  ...common,
  name: 'large-sales',
  measures: {
    spread: variance((sale) => sale.cents),
    prices: quantiles((sale) => sale.cents, { on: ['shop', 'product'] }),
    ranges: histogram((sale) => sale.cents, { bounds: [10, 100, 1_000, 5_000] }),
    lastProduct: last((sale) => sale.product, { on: ['shop'] }),
    buyers: distinct((sale) => sale.id, { on: ['shop'] }),
    meanCents: ratio(
      sum((sale) => sale.cents),
      count(),
    ),
  },
})

/** The estimate holds if what is measured is no more than this many times as much, nor as little. */
const statedFactor = 2

/** A pane's worth of a load through the engine: every second each shard delivers one batch, and one instance runs them. */
async function measure(
  pipeline: Pipeline,
  load: ExpectedLoad & { readonly groups: number },
): Promise<{
  readonly headBytes: number
  readonly meanHeadBytes: number
  readonly bytesPerRecord: number
  readonly requests: number
}> {
  const { ports, memory, time } = createWorld()
  const random = new SeededRandom(7)
  const drawn = (from: number): number => Math.floor(random.fraction() * from)
  const paneStartMs = time.nowMs
  const headBytes = new Map<string, number>()
  let written = 0
  let writes = 0
  const noted = (address: string, bytes: Uint8Array): void => {
    // The address of a segment has one more part.
    if (address.split(':').length > 5) return
    headBytes.set(address, Math.max(bytes.length, headBytes.get(address) ?? 0))
    written += bytes.length
    writes++
  }
  const store: typeof ports.store = {
    requestTimeoutMs: memory.requestTimeoutMs,
    read: (address) => memory.read(address),
    createIfAbsent: (address, bytes, ttlSeconds) => {
      noted(address, bytes)
      return memory.createIfAbsent(address, bytes, ttlSeconds)
    },
    replaceIfEqual: (address, bytes, hash, ttlSeconds) => {
      noted(address, bytes)
      return memory.replaceIfEqual(address, bytes, hash, ttlSeconds)
    },
  }
  const warm = new WarmCells()
  let batches = 0
  let records = 0
  let requests = 0
  for (let second = 0; second < pipeline.window.paneMs / 1_000; second++) {
    time.nowMs = paneStartMs + second * 1_000
    const shards = Array.from({ length: load.shards }, (): Sale[] => [])
    for (let index = 0; index < load.recordsPerSecond; index++) {
      const sale: Sale = {
        id: `sale-${second}-${index}`,
        at: time.nowMs,
        shop: `shop-${drawn(load.groups)}`,
        product: `product-${drawn(load.groups)}`,
        cents: Math.floor(10 ** (1 + 3 * random.fraction())),
      }
      shards[bucketOf(sale.shop, load.shards)]?.push(sale)
    }
    for (const [shard, sales] of shards.entries()) {
      const batch = sales.map((sale, index) => ({
        position: { ...position, shard: `shardId-${shard}`, sequenceNumber: `${second}${index}` },
        partitionKey: sale.shop,
        arrivalMs: time.nowMs,
        payload: Buffer.from(JSON.stringify(sale)),
        raw: undefined,
      }))
      const report = await processBatch(pipeline, batch, { ...ports, store }, warm)
      expect(report.counted).toBe(batch.length)
      batches++
      records += batch.length
      requests += report.storeRequests
    }
  }
  return {
    headBytes: [...headBytes.values()].reduce((a, b) => a + b) / headBytes.size,
    meanHeadBytes: written / writes,
    bytesPerRecord: written / records,
    requests: requests / batches,
  }
}

suite('the estimate is within a factor of two of what the engine does', () => {
  it.each([
    ['few events of many groups', small, { recordsPerSecond: 8, shards: 4, groups: 300 }],
    ['many events of few groups', small, { recordsPerSecond: 400, shards: 4, groups: 20 }],
    ['fewer shards than buckets', small, { recordsPerSecond: 100, shards: 2, groups: 100 }],
    ['more shards than buckets', small, { recordsPerSecond: 100, shards: 8, groups: 100 }],
    ['large states of few groups', large, { recordsPerSecond: 200, shards: 4, groups: 10 }],
    ['segments of ids', small, { recordsPerSecond: 600, shards: 1, groups: 20 }],
    ['large states of many groups', large, { recordsPerSecond: 40, shards: 4, groups: 400 }],
  ])('%s', async (_of, pipeline, load) => {
    const measured = await measure(pipeline, load)
    const { cell, batch } = describe(pipeline, load)
    const estimated = {
      headBytes: cell.headBytes,
      meanHeadBytes: cell.meanHeadBytes,
      bytesPerRecord: batch.bytesPerRecord,
      requests: batch.requests,
    }
    const quotients = new Map<string, number>()
    for (const [what, value] of Object.entries(measured)) {
      const quotient = new Map(Object.entries(estimated)).get(what) ?? 0
      quotients.set(what, quotient / value)
    }
    expect(
      [...quotients].filter(([, quotient]) => !(quotient > 1 / statedFactor && quotient < statedFactor)),
    ).toEqual([])
  })
})

suite('what it counts', () => {
  const load = { recordsPerSecond: 1_000, shards: 4, groups: 300 }

  it('divides the keys of the grouping bucketed by among the buckets, and takes others to be in all', () => {
    expect(describe(small, load).cell.groups).toBeCloseTo(75 + 300, 0)
    const byName = describe(small, { ...load, groups: { shop: 40, product: 5 } })
    expect(byName.cell.groups).toBeCloseTo(10 + 5, 0)
  })

  it('never has more groups in a cell than events for each grouping', () => {
    const { cell } = describe(small, { recordsPerSecond: 1, shards: 4, groups: 1_000_000 })
    expect(cell.events).toBe(5)
    expect(cell.groups).toBeLessThanOrEqual(10)
  })

  it('gathers a batch in its window, up to the batch size', () => {
    const { batch } = describe(small, load)
    expect(batch).toMatchObject({ records: 250, perSecond: 4, lanesPerCell: 1, storedShare: 1 })
    expect(describe(small, { ...load, batchSize: 100 }).batch).toMatchObject({ records: 100, perSecond: 10 })
    expect(describe(small, { ...load, parallelizationFactor: 2 }).batch.records).toBe(125)
    expect(describe(small, { ...load, batchingWindowMs: 4_000 }).batch.records).toBe(1_000)
  })

  it('has the requests of ten lanes on one cell that the simulation has: 1.4 with a window of a second, 4.3 with none', () => {
    const oneCell = definePipeline(saleSchema, {
      ...common,
      name: 'one-cell',
      measures: { sales: count() },
      buckets: 1,
    })
    const tenLanes = { recordsPerSecond: 1_000, shards: 1, groups: 10, parallelizationFactor: 10 }
    const calm = describe(oneCell, { ...tenLanes, batchingWindowMs: 1_000 }).batch
    const eager = describe(oneCell, { ...tenLanes, batchingWindowMs: 0 }).batch
    expect(Math.abs(calm.requests - 1.4)).toBeLessThan(0.2)
    expect(Math.abs(calm.storedShare - 0.88)).toBeLessThan(0.1)
    expect(Math.abs(eager.requests - 4.3)).toBeLessThan(0.6)
    expect(Math.abs(eager.storedShare - 0.38)).toBeLessThan(0.1)
  })

  it('reads a key of the grouping bucketed by from one bucket, and all others from each', () => {
    const hourly = definePipeline(saleSchema, {
      ...common,
      name: 'hourly',
      measures: { sales: count() },
      window: tumbling(hours(1)),
    })
    expect(describe(hourly, load).read).toEqual({ panes: 12, bucketedKey: 12, allBuckets: 48 })
    const { bucketBy: _bucketBy, ...unbucketed } = common
    const spread = definePipeline(saleSchema, { ...unbucketed, name: 'spread', measures: { sales: count() } })
    expect(describe(spread, load).read).toEqual({ panes: 1, bucketedKey: undefined, allBuckets: 4 })
  })

  it.each([
    [{ recordsPerSecond: 0 }, 'recordsPerSecond is a number above 0, not 0'],
    [{ shards: Number.NaN }, 'shards is a number above 0, not NaN'],
    [{ groups: -1 }, 'groups is a number above 0, not -1'],
    [{ groups: { shop: 0 } }, 'shop is a number above 0, not 0'],
    [{ batchingWindowMs: -1 }, 'batchingWindowMs is a number from 0, not -1'],
    [{ groups: { airline: 3 } }, 'pipeline small-sales has no grouping airline; it has product, shop'],
  ])('refuses %j', (fields, message) => {
    expect(() => describe(small, { ...load, ...fields })).toThrow(DefinitionError)
    expect(() => describe(small, { ...load, ...fields })).toThrow(message)
  })
})

suite('what it warns of', () => {
  const load: ExpectedLoad = { recordsPerSecond: 1_000, shards: 4, groups: 300 }
  const options = { ...common, measures: { sales: count() } }

  it('nothing, where all is well', () => {
    expect(describe(small, load).warnings).toEqual([])
  })

  it.each<[of: string, text: string, Pipeline, ExpectedLoad]>([
    [
      'too few shards',
      'a shard takes 1000 records a second, and would get 2500: have 10 shards',
      small,
      { ...load, recordsPerSecond: 10_000 },
    ],
    ['heads that are too large', 'heads would take', large, { ...load, groups: 3_000 }],
    ['too many groups', 'over the 2000 of maximumGroups', small, { ...load, groups: 3_000 }],
    [
      'lanes that meet every bucket',
      'each of 40 lanes meets every bucket, because producers do not partition by shop',
      small,
      { ...load, parallelizationFactor: 10, isPartitionedOtherwise: true },
    ],
    [
      'lanes that compete',
      '10 lanes write to each cell so often',
      small,
      { ...load, parallelizationFactor: 10, batchingWindowMs: 0 },
    ],
    [
      'small batches into large heads',
      'each record would write',
      small,
      { ...load, recordsPerSecond: 100, batchingWindowMs: 0 },
    ],
    [
      'more segments than a batch can prove',
      'segments of ids',
      definePipeline(saleSchema, { ...options, name: 'long-pane', window: tumbling(minutes(5)), buckets: 1 }),
      load,
    ],
    [
      'more than an instance keeps',
      'copies of cells in use would take',
      definePipeline(saleSchema, { ...options, name: 'long-panes', window: tumbling(minutes(5)) }),
      { ...load, recordsPerSecond: 20_000, shards: 20 },
    ],
    [
      'very many panes',
      'a window has 3600 panes of 1 s',
      definePipeline(saleSchema, { ...options, name: 'fine', window: hopping(hours(1), seconds(13)) }),
      load,
    ],
    [
      'very many reads',
      'a window takes 14400 requests to read',
      definePipeline(saleSchema, { ...options, name: 'finer', window: hopping(hours(1), seconds(13)) }),
      load,
    ],
  ])('%s', (_of, text, pipeline, under) => {
    expect(describe(pipeline, under).warnings.filter((warning) => warning.includes(text))).toHaveLength(1)
  })

  it.each([
    ['more lanes, as long as producers partition by what is bucketed by', { parallelizationFactor: 10 }],
    ['some lanes that meet every bucket', { isPartitionedOtherwise: true }],
  ])('not of %s', (_of, fields) => {
    expect(describe(small, { ...load, ...fields }).warnings).toEqual([])
  })
})
