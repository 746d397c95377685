import { expect, it } from 'vitest'
import { createWorld, numbersOf, OK, THROTTLED, THROWN } from '../world.ts'

const MINUTE_MS = 60_000
const AGED = { maximumRecordAgeMs: MINUTE_MS }

it('G1 a record that is too old before its first delivery is reported without one, as one attempt', async () => {
  const world = createWorld({ ...AGED, maximumRetryAttempts: 0 })
  world.put(1)
  await world.clock.advance(2 * MINUTE_MS)
  const [fresh] = world.put(1)
  world.mapping.start()
  await world.clock.settle()
  expect(world.batches()).toEqual([[fresh]])
  expect(world.discarded).toMatchObject([
    { reason: 'record-age-exceeded', approximateInvokeCount: 1, failure: undefined },
  ])
})

it('G2 records that become too old while they are tried again are given up, with the attempts that were made', async () => {
  const world = createWorld(AGED, () => THROWN)
  const put = world.put(2)
  const beganMs = world.clock.nowMs()
  world.mapping.start()
  await world.clock.advance(10 * MINUTE_MS)
  expect(world.discarded.map(numbersOf)).toEqual([put])
  expect(world.discarded).toMatchObject([
    {
      reason: 'record-age-exceeded',
      approximateInvokeCount: world.invocations.length,
      requestId: world.invocations[0]?.requestId,
      failure: undefined,
    },
  ])
  expect(world.invocations.at(-1)?.atMs).toBeLessThan(beganMs + MINUTE_MS)
})

it('G2 which is at their time, not at the end of the pause between two attempts', async () => {
  const world = createWorld(AGED, () => THROWN)
  world.put(1)
  world.mapping.start()
  await world.clock.advance(MINUTE_MS - 1)
  expect(world.discarded).toEqual([])
  await world.clock.advance(1)
  expect(world.discarded).toHaveLength(1)
})

it('G3 of a mixed batch only the old records are split off; the others are delivered', async () => {
  const world = createWorld(AGED)
  const old = world.put(3)
  await world.clock.advance(2 * MINUTE_MS)
  const fresh = world.put(3)
  world.mapping.start()
  await world.clock.settle()
  expect(world.batches()).toEqual([fresh])
  expect(world.discarded.map(numbersOf)).toEqual([old])
})

it('G3 also of a batch that was tried already: what is left goes on under another request id', async () => {
  const world = createWorld({ ...AGED, maximumBatchingWindowMs: 40_000 }, ({ sequenceNumbers }) =>
    sequenceNumbers.length === 2 ? THROWN : OK,
  )
  const old = world.put(1)
  world.mapping.start()
  await world.clock.advance(38_500)
  const young = world.put(1)
  await world.clock.advance(MINUTE_MS)
  expect(world.batches().slice(0, -1)).toEqual(Array.from({ length: 7 }, () => [...old, ...young]))
  expect(world.discarded.map(numbersOf)).toEqual([old])
  expect(world.batches().at(-1)).toEqual(young)
  expect(world.invocations.at(-1)?.requestId).not.toBe(world.invocations[0]?.requestId)
})

it('G4 a record that waits in a long batching window may become too old before it ends', async () => {
  const world = createWorld({ ...AGED, maximumBatchingWindowMs: 300_000 })
  const put = world.put(1)
  world.mapping.start()
  await world.clock.advance(MINUTE_MS - 1)
  expect(world.discarded).toEqual([])
  await world.clock.advance(1)
  expect(world.discarded.map(numbersOf)).toEqual([put])
  expect(world.invocations).toEqual([])
})

it('G5 it ends loops of throttles too, which no number of retries does', async () => {
  const world = createWorld({ ...AGED, maximumRetryAttempts: 0 }, () => THROTTLED)
  world.put(1)
  world.mapping.start()
  await world.clock.advance(10 * MINUTE_MS)
  expect(world.discarded).toMatchObject([{ reason: 'record-age-exceeded', approximateInvokeCount: 1 }])
})

it('G6 without it a record of any age that the stream keeps is delivered', async () => {
  const world = createWorld()
  const put = world.put(1)
  await world.clock.advance(23 * 3_600_000)
  world.mapping.start()
  await world.clock.settle()
  expect(world.batches()).toEqual([put])
})
