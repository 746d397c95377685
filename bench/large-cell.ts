import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import * as z from 'zod'
import { commitPart, type Part } from '../consumers/engine/commit.ts'
import { count, definePipeline, minutes, sum, tumbling } from '../consumers/engine/pipeline.ts'
import type { Ports, SourceRecord } from '../consumers/engine/ports.ts'
import { routeRecord } from '../consumers/engine/route.ts'
import { WarmCells } from '../consumers/engine/warm-cells.ts'
import { MemoryCellStore } from '../test/contract/memory-cell-store.ts'

// What a batch of new events takes in a cell that holds many already, in an instance whose copies are warm: the CPU and
// the store requests of `commitPart`, from the decoded events to the acknowledged swap, on a store in memory.

const batchRecords = 1_000
const groups = 100
const measuredBatches = 30

const schema = z.object({ id: z.string(), at: z.number(), page: z.string(), ms: z.int() })
const pipeline = definePipeline(schema, {
  name: 'page-views',
  id: (view) => view.id,
  time: (view) => view.at,
  window: tumbling(minutes(1)),
  groupBy: { page: (view) => view.page },
  measures: { views: count(), ms: sum((view) => view.ms) },
  bucketBy: 'page',
  buckets: 1,
})
const paneStartMs = Date.UTC(2026, 0, 1)

let sequence = 0
function partOf(records: number): Part {
  const events = Array.from({ length: records }, () => {
    const number = sequence++
    const view = { id: `view-${number}`, at: paneStartMs, page: `/page/${number % groups}`, ms: number % 977 }
    const record: SourceRecord = {
      position: { stream: 'stream', shard: 'shard', sequenceNumber: String(number) },
      partitionKey: view.page,
      arrivalMs: paneStartMs,
      payload: Buffer.from(JSON.stringify(view)),
      raw: undefined,
    }
    const route = routeRecord(pipeline, record)
    if (route === undefined) throw new Error('an event was left out')
    return route
  })
  const [first] = events
  if (first === undefined) throw new Error('no events')
  return {
    pipeline,
    address: first.address,
    paneStartMs,
    events: events.map(({ contribution }) => contribution),
  }
}

/** Fills a cell in batches of `fillBatch`, measures batches of new events, and prints a row. */
async function measure(ids: number, fillBatch: number): Promise<void> {
  const store = new MemoryCellStore(() => paneStartMs)
  const ports: Ports = {
    store,
    failedRecords: { writeTimeoutMs: 0, write: async () => {} },
    clock: { nowMs: () => paneStartMs, sleep: async () => {} },
    random: { bytes: (size) => randomBytes(size), fraction: () => 0.5 },
    deadline: { remainingMs: () => 60_000 },
  }
  const warm = new WarmCells()
  for (let filled = 0; filled < ids; filled += fillBatch) {
    await commitPart(partOf(fillBatch), ports, warm)
  }
  const cpuMs: number[] = []
  let requests = 0
  for (let batch = 0; batch < measuredBatches; batch++) {
    const part = partOf(batchRecords)
    const before = process.cpuUsage()
    const result = await commitPart(part, ports, warm)
    const used = process.cpuUsage(before)
    cpuMs.push((used.user + used.system) / 1_000)
    requests += result.requests
    if (result.fates.some((fate) => fate !== 'counted')) throw new Error('an event was not counted')
  }
  cpuMs.sort((a, b) => a - b)
  const at = (share: number): string => (cpuMs[Math.floor(share * (cpuMs.length - 1))] ?? 0).toFixed(1)
  console.log(
    `| ${[ids, fillBatch, at(0.5), at(0.9), at(1), (requests / measuredBatches).toFixed(2)].join(' | ')} |`,
  )
}

const { quick } = parseArgs({ options: { quick: { type: 'boolean', default: false } } }).values
console.log(`batches of ${batchRecords} new events in ${groups} groups; CPU in milliseconds\n`)
console.log('| ids in the cell | filled by | median | 90th percentile | worst of 30 | requests |')
console.log('| --- | --- | --- | --- | --- | --- |')
// Compiles what is measured.
await measure(0, batchRecords)
for (const ids of quick ? [100_000] : [10_000, 100_000, 1_000_000]) {
  for (const fillBatch of [10_000, 1_000]) await measure(ids, fillBatch)
}
