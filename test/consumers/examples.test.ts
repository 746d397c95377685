import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import * as z from 'zod'
import { MomentoReader } from '../../consumers/adapters/momento-reader.ts'
import {
  count,
  defineChangePipeline,
  definePipeline,
  hours,
  max,
  minutes,
  type Pipeline,
  sum,
  tumbling,
} from '../../consumers/engine/pipeline.ts'
import type { CellStore } from '../../consumers/engine/ports.ts'
import { processBatch } from '../../consumers/engine/process-batch.ts'
import { read } from '../../consumers/engine/read.ts'
import { WarmCells } from '../../consumers/engine/warm-cells.ts'
import type { Flight } from '../../consumers/flights/event.ts'
import { flights } from '../../consumers/flights/pipeline.ts'
import { momentoCellStore } from '../../consumers/adapters/momento-cell-store.ts'
import { startSecretsManager } from '../../local/services/secrets-manager.ts'
import { MemoryCellStore } from '../contract/memory-cell-store.ts'
import { stubAwsEnvironment } from './adapters/aws-environment.ts'
import { cacheName, useClients, useMomentoServer } from './adapters/local-momento.ts'

const pageViewSchema = z.object({
  viewId: z.string(),
  at: z.number(),
  page: z.string(),
  durationMs: z.int(),
})
const orderSchema = z.object({ status: z.string(), sales: z.number() })

/** Counts what producers sent a moment ago. */
async function countAll(
  pipeline: Pipeline,
  store: CellStore,
  nowMs: number,
  events: readonly unknown[],
): Promise<void> {
  const records = events.map((event, index) => ({
    position: { stream: 'stream', shard: 'shard', sequenceNumber: String(index) },
    partitionKey: 'key',
    arrivalMs: nowMs,
    payload: Buffer.from(JSON.stringify(event)),
    raw: event,
  }))
  const ports = {
    store,
    clock: { nowMs: () => nowMs, sleep: () => Promise.resolve() },
    random: { bytes: (size: number) => new Uint8Array(size).fill(1), fraction: () => 0 },
    deadline: { remainingMs: () => 60_000 },
    failedRecords: { writeTimeoutMs: 0, write: () => Promise.resolve() },
  }
  const { unfinished, rejected } = await processBatch(pipeline, records, ports, new WarmCells())
  expect({ unfinished, rejected }).toEqual({ unfinished: 0, rejected: 0 })
}

test('a pipeline is defined, and the top of its groups is read', async () => {
  const printed: unknown[] = []
  const print = (...values: readonly unknown[]): number => printed.push(values)
  const nowMs = Date.UTC(2026, 0, 1, 12)
  const clock = { nowMs: () => nowMs }
  const store = new MemoryCellStore(() => nowMs)

  // example: definePipeline
  const pageViews = definePipeline(pageViewSchema, {
    name: 'page-views',
    id: (view) => view.viewId,
    time: (view) => view.at,
    window: tumbling(minutes(1)),
    groupBy: { page: (view) => view.page },
    measures: { views: count(), longestMs: max((view) => view.durationMs) },
    bucketBy: 'page',
  })

  const home = { viewId: 'v1', at: nowMs - 1, page: '/home', durationMs: 1_200 }
  await countAll(pageViews, store, nowMs, [home, { ...home, viewId: 'v2', durationMs: 800 }, home])

  // example: read
  const { rows } = await read(pageViews, store, clock, {
    grouping: 'page',
    from: nowMs - hours(1),
    to: nowMs,
    top: { groups: 10, by: 'views' },
  })
  for (const { key, values, final } of rows) print(key, values.views, values.longestMs, final)

  expect(printed).toEqual([['/home', 2, 1_200, false]])
})

test('a pipeline of changes is defined, and holds the net change', async () => {
  const nowMs = Date.UTC(2026, 0, 1, 12)
  const store = new MemoryCellStore(() => nowMs)

  // example: defineChangePipeline
  const orders = defineChangePipeline(orderSchema, {
    name: 'orders',
    window: tumbling(minutes(1)),
    groupBy: { status: (order) => order.status },
    measures: { orders: count(), sales: sum((order) => order.sales, { decimals: 2 }) },
  })

  const placed = { status: 'placed', sales: 9.95 }
  await countAll(orders, store, nowMs, [{ new: placed }, { old: placed, new: { ...placed, status: 'paid' } }])
  const request = { grouping: 'status', from: nowMs, to: nowMs + 1 } as const
  const { rows } = await read(orders, store, { nowMs: () => nowMs }, request)
  expect(rows.map(({ key, values }) => [key, values])).toEqual([['paid', { orders: 1, sales: 9.95 }]])
})

test('what functions have counted in Momento is read back', async () => {
  const printed: unknown[] = []
  const print = (...values: readonly unknown[]): number => printed.push(values)
  const momento = await useMomentoServer()
  const { hostname, port } = momento
  const secretArn = 'arn:aws:secretsmanager:eu-west-1:000000000000:secret:momento-a1b2c3'
  const secretString = JSON.stringify({ momentoLocal: { hostname, port } })
  const secrets = await startSecretsManager({
    secrets: new Map([[secretArn, { name: 'momento', secretString }]]),
  })
  onTestFinished(() => secrets.close())
  stubAwsEnvironment({ secretsManager: secrets.endpoint })
  onTestFinished(() => {
    vi.unstubAllEnvs()
  })
  const sentAt = Date.now()
  const flight: Flight = {
    flightId: 'f',
    sentAt,
    origin: 'JFK',
    destination: 'LAX',
    distance: 2_475,
    delay: 4,
  }
  await countAll(flights, momentoCellStore(useClients({ port }), cacheName), sentAt, [flight])

  // example: MomentoReader
  const reader = new MomentoReader({ secretArn, cacheName })
  const nowMs = Date.now()
  const { rows } = await reader.read(flights, { grouping: 'origin', from: nowMs - hours(1), to: nowMs })
  for (const { key, values, final } of rows) print(key, values.departures, final)
  await reader.close()

  expect(printed).toEqual([['JFK', 1, false]])
})

test('every example in the documentation of the code is run here, word for word', () => {
  const folder = join(import.meta.dirname, '../../consumers')
  const here = flat(readFileSync(import.meta.filename, 'utf8'))
  const examples = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .flatMap((path) => {
      const text = readFileSync(join(folder, path), 'utf8')
      return [...text.matchAll(/\* ```ts\n(.*?)\* ```/gs)].map(([, code = '']) => ({
        path,
        code: flat(code),
      }))
    })
  expect(examples.length).toBeGreaterThanOrEqual(4)
  expect(examples.filter(({ code }) => !here.includes(code)).map(({ path }) => path)).toEqual([])
})

/** Code without indentation and the stars of its comment. */
function flat(code: string): string {
  return code.replaceAll(/^[ ]*(\* ?)?[ ]*/gm, '')
}
