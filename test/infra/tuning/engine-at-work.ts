import { cellLimits, type CellLimits } from '../../../consumers/engine/cell.ts'
import { commitPart, type Part } from '../../../consumers/engine/commit.ts'
import { count, definePipeline, minutes, tumbling } from '../../../consumers/engine/pipeline.ts'
import type { CellStore, Ports } from '../../../consumers/engine/ports.ts'
import { routeRecord } from '../../../consumers/engine/route.ts'
import { WarmCells } from '../../../consumers/engine/warm-cells.ts'
import * as z from 'zod'
import type { Backlog, WorkedOff } from '../../../infra/tuning/backlog.ts'
import { MemoryCellStore } from '../../contract/memory-cell-store.ts'
import { SimulatedRandom } from '../../simulation/random.ts'
import { Scheduler } from '../../simulation/scheduler.ts'
import { Trace } from '../../simulation/trace.ts'

const paneStartMs = Date.UTC(2026, 0, 1)
const pipeline = definePipeline(z.object({ id: z.string(), at: z.number() }), {
  name: 'backlog',
  id: ({ id }) => id,
  time: ({ at }) => at,
  window: tumbling(minutes(1)),
  groupBy: { all: () => 'all' },
  measures: { events: count() },
  buckets: 1,
})

/**
 * Has the engine itself work off the backlog of one shard, in virtual time: a batch takes its own time and its records'
 * before it is committed, a request half of its work before and after its wait, and to fold takes its time before the
 * head is written. All is in hand at once.
 * @throws Error if an event is not counted exactly once.
 */
export async function engineAtWork(
  { costs, factor, batchSize, activeIds, shards }: Backlog,
  seed: number,
): Promise<Pick<WorkedOff, 'durationMs' | 'requests'>> {
  const random = new SimulatedRandom(seed)
  const scheduler = new Scheduler(paneStartMs, random, new Trace())
  const cell = new MemoryCellStore(() => scheduler.nowMs)
  const limits: CellLimits = { ...cellLimits, activeIds: activeIds ?? cellLimits.activeIds }
  const environments: WarmCells[] = []
  let [requests, lastMs, sequence] = [0, 0, 0]

  const slow = async <T>(reach: () => Promise<T>): Promise<T> => {
    requests += 1
    await scheduler.sleep(costs.requestMs / 2 + costs.waitMs)
    const answer = await reach()
    await scheduler.sleep(costs.requestMs / 2)
    return answer
  }
  const portsFor = ({ address, events }: Part): Ports => {
    const fold = async (written: string): Promise<void> => {
      if (written === address) await scheduler.sleep(costs.foldMs * events.length)
    }
    const store: CellStore = {
      requestTimeoutMs: 1_000,
      read: (read) => slow(() => cell.read(read)),
      createIfAbsent: async (...item) => {
        await fold(item[0])
        return slow(() => cell.createIfAbsent(...item))
      },
      replaceIfEqual: async (...item) => {
        await fold(item[0])
        return slow(() => cell.replaceIfEqual(...item))
      },
    }
    return {
      store,
      random,
      failedRecords: { writeTimeoutMs: 0, write: async () => {} },
      clock: { nowMs: () => scheduler.nowMs, sleep: (ms) => scheduler.sleep(ms) },
      deadline: { remainingMs: () => 600_000 },
    }
  }
  const commit = async (records: number): Promise<void> => {
    const warm = environments.pop() ?? new WarmCells()
    const part = partOf(records, () => sequence++)
    let fate: string | undefined = 'unfinished'
    while (fate === 'unfinished') {
      await scheduler.sleep(costs.batchMs + costs.recordMs * records)
      const { fates } = await commitPart(part, portsFor(part), warm, limits)
      fate = fates[0]
      if (fates.some((other) => other !== fate)) throw new Error('a part was torn')
    }
    if (fate !== 'counted') throw new Error(`a part was ${fate}`)
    environments.push(warm)
    lastMs = scheduler.nowMs
  }
  const lanes = Array.from({ length: factor }, (_, lane) =>
    Array.from(shards[0] ?? []).filter((of) => of === lane),
  )
  const ends = lanes.map(async (records) => {
    for (let left = records.length; left > 0; left -= batchSize) await commit(Math.min(left, batchSize))
  })
  await scheduler.run(() => false)
  await Promise.all(ends)
  return { durationMs: lastMs - paneStartMs, requests }
}

function partOf(records: number, next: () => number): Part {
  const routes = Array.from({ length: records }, () => {
    const sequenceNumber = String(next())
    return routeRecord(pipeline, {
      position: { stream: 'stream', shard: 'shard', sequenceNumber },
      partitionKey: 'all',
      arrivalMs: paneStartMs,
      payload: Buffer.from(JSON.stringify({ id: sequenceNumber, at: paneStartMs })),
      raw: undefined,
    })
  }).filter((route) => route !== undefined)
  const address = routes[0]?.address
  if (address === undefined) throw new Error('a batch has no records')
  return { pipeline, address, paneStartMs, events: routes.map(({ contribution }) => contribution) }
}
