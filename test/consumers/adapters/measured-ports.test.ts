import { describe, expect, test } from 'vitest'
import { measured } from '../../../consumers/adapters/measured-ports.ts'
import { StoreError } from '../../../consumers/engine/errors.ts'
import { processBatch } from '../../../consumers/engine/process-batch.ts'
import { WarmCells } from '../../../consumers/engine/warm-cells.ts'
import { cellStoreContract } from '../../contract/cell-store.ts'
import { departure, departures, recordOf } from '../engine/departures.ts'
import { createWorld } from '../engine/world.ts'

const bytes = Buffer.from('bytes')

cellStoreContract('measured', async () => {
  const world = createWorld()
  const [{ store }] = measured(world.ports, () => world.time.nowMs)
  return {
    store,
    advance: (durationMs) => {
      world.time.nowMs += durationMs
    },
  }
})

describe('the store', () => {
  test('is timed at every request, by the given clock, whether it fails or not', async () => {
    const world = createWorld()
    const takes = (durationMs: number) => ({
      before: () => {
        world.time.nowMs += durationMs
      },
    })
    world.store.script(takes(3), takes(5), 'lost', takes(7))
    const [{ store }, use] = measured(world.ports, () => world.time.nowMs)
    await store.read('a', 'balanced')
    await store.createIfAbsent('a', bytes, 60)
    await expect(store.read('a', 'consistent')).rejects.toThrow(StoreError)
    await store.replaceIfEqual('a', bytes, bytes, 60)
    expect(use.latenciesMs).toEqual([3, 5, 0, 7])
  })

  test('is charged for what is found and for all that is sent', async () => {
    const world = createWorld()
    const [{ store }, use] = measured(world.ports, () => 0)
    await store.read('a', 'balanced')
    expect(use).toMatchObject({ bytesRead: 0, bytesWritten: 0 })
    const hash = await store.createIfAbsent('a', bytes, 60)
    await store.read('a', 'balanced')
    expect(use).toMatchObject({ bytesRead: 5, bytesWritten: 5 })
    world.store.script('lost')
    await expect(store.replaceIfEqual('a', bytes, hash ?? bytes, 60)).rejects.toThrow(StoreError)
    await store.createIfAbsent('a', bytes, 60)
    expect(use).toMatchObject({ bytesRead: 5, bytesWritten: 15 })
  })

  test('has a conflict where nothing was stored, and none where something was or nobody knows', async () => {
    const world = createWorld()
    const [{ store }, use] = measured(world.ports, () => 0)
    const hash = await store.createIfAbsent('a', bytes, 60)
    await store.replaceIfEqual('a', bytes, hash ?? bytes, 60)
    world.store.script('answer-lost')
    await expect(store.createIfAbsent('b', bytes, 60)).rejects.toThrow(StoreError)
    expect(use.conflicts).toBe(0)
    await store.createIfAbsent('a', bytes, 60)
    await store.replaceIfEqual('c', bytes, bytes, 60)
    expect(use.conflicts).toBe(2)
  })
})

test('rejects are told by reason once they are durable, and not before', async () => {
  const world = createWorld()
  const [{ failedRecords }, use] = measured(world.ports, () => 0)
  const late = { reason: 'late', detail: '', raw: {} } as const
  world.failedRecords.failure = new Error('no bucket')
  await expect(failedRecords.write([late])).rejects.toThrow('no bucket')
  expect(use.rejectReasons).toEqual([])
  world.failedRecords.failure = undefined
  await failedRecords.write([late, { ...late, reason: 'not-json' }])
  expect(use.rejectReasons).toEqual(['late', 'not-json'])
  expect(world.failedRecords.writes).toHaveLength(1)
})

test('a batch of aggregates may have more rejects than a call takes arguments', async () => {
  const world = createWorld()
  const [{ failedRecords }, use] = measured(world.ports, () => 0)
  const late = { reason: 'late', detail: '', raw: {} } as const
  await failedRecords.write(Array.from({ length: 200_000 }, () => late))
  expect(use.rejectReasons).toHaveLength(200_000)
})

test('what a batch is reported to have taken is what went through its ports', async () => {
  const world = createWorld()
  const [ports, use] = measured(world.ports, () => world.time.nowMs)
  world.store.script('through', 'lost', 'answer-lost')
  const records = [departure({ id: 'a' }), departure({ id: 'b' }), 'nonsense'].map((json) => recordOf(json))
  const report = await processBatch(departures, records, ports, new WarmCells())
  expect(report).toMatchObject({ records: 3, rejected: 1, unfinished: 0 })
  expect(report.storeFailures).toHaveLength(2)
  expect(use.latenciesMs).toHaveLength(report.storeRequests)
  expect(use.rejectReasons).toEqual(['wrong-shape'])
  expect(use.bytesWritten).toBeGreaterThan(0)
})
