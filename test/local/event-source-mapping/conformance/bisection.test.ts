import { expect, it } from 'vitest'
import type { MappingProperties } from '../../../../local/event-source-mapping/properties.ts'
import { createWorld, numbersOf, OK, reporting, type Script, THROWN, type World } from '../world.ts'

/** Time enough for any number of retries that these tests wait for. */
const LONG_MS = 600_000
const BISECTS = { bisectBatchOnFunctionError: true }

async function deliver(
  count: number,
  properties: Partial<MappingProperties>,
  script: Script,
): Promise<World> {
  const world = createWorld({ ...BISECTS, ...properties }, script)
  world.put(count)
  world.mapping.start()
  await world.clock.advance(LONG_MS)
  return world
}

const failingOn =
  (...bad: readonly string[]): Script =>
  ({ sequenceNumbers }) =>
    bad.some((each) => sequenceNumbers.includes(each)) ? THROWN : OK

it('B1 the first failure of a batch halves it, before any retry', async () => {
  const world = await deliver(4, { maximumRetryAttempts: 5 }, ({ sequenceNumbers }) =>
    sequenceNumbers.length === 4 ? THROWN : OK,
  )
  expect(world.batches()).toEqual([
    ['7', '8', '9', '10'],
    ['7', '8'],
    ['9', '10'],
  ])
})

it('B1 without it the batch is tried again whole', async () => {
  const world = await deliver(4, { maximumRetryAttempts: 1, bisectBatchOnFunctionError: false }, () => THROWN)
  expect(world.batches()).toEqual([
    ['7', '8', '9', '10'],
    ['7', '8', '9', '10'],
  ])
})

it('B2 halves go depth first, the right one only when the left one is settled', async () => {
  const world = await deliver(4, { maximumRetryAttempts: 1 }, failingOn('8'))
  expect(world.batches()).toEqual([['7', '8', '9', '10'], ['7', '8'], ['7'], ['8'], ['8'], ['9', '10']])
})

it.each([
  [2, [2, 1, 1]],
  [3, [3, 1, 2, 1, 1]],
  [5, [5, 2, 1, 1, 3, 1, 2, 1, 1]],
])('B2 of %i records the left half is the smaller one: %j', async (count, expected) => {
  const world = await deliver(count, {}, ({ sequenceNumbers }) => (sequenceNumbers.length > 1 ? THROWN : OK))
  expect(world.batches().map(({ length }) => length)).toEqual(expected)
})

it('B3 halves are sent at once; only the repeat of a single record waits', async () => {
  const world = await deliver(4, { maximumRetryAttempts: 1 }, failingOn('8'))
  const times = world.invocations.map(({ atMs }) => atMs)
  const pauses = times.slice(1).map((atMs, index) => atMs - (times[index] ?? 0))
  expect(pauses).toEqual([0, 0, 0, expect.any(Number), 0])
  expect(pauses[3]).toBeGreaterThanOrEqual(180)
})

it('B4 a single record is tried again as often as its retries say, and then it alone is given up', async () => {
  const world = await deliver(4, { maximumRetryAttempts: 2 }, failingOn('9'))
  expect(world.batches().filter((batch) => batch.join() === '9')).toHaveLength(3)
  expect(world.discarded.map(numbersOf)).toEqual([['9']])
  expect(world.discarded).toMatchObject([{ reason: 'retries-exhausted', approximateInvokeCount: 3 }])
  expect(world.mapping.isIdle()).toBe(true)
})

it('B4 without retries it is given up after its first attempt alone', async () => {
  const world = await deliver(2, { maximumRetryAttempts: 0 }, failingOn('8'))
  expect(world.batches()).toEqual([['7', '8'], ['7'], ['8']])
  expect(world.discarded.map(numbersOf)).toEqual([['8']])
})

it.each([true, false])(
  'B5 a function that throws is halved, with partial answers: %j',
  async (reportBatchItemFailures) => {
    const world = await deliver(2, { reportBatchItemFailures }, ({ sequenceNumbers }) =>
      sequenceNumbers.length > 1 ? THROWN : OK,
    )
    expect(world.batches()).toEqual([['7', '8'], ['7'], ['8']])
  },
)

it('B6 a partial answer cuts at the number reported; a rest without progress is then halved', async () => {
  const world = await deliver(6, { maximumRetryAttempts: 0 }, ({ sequenceNumbers }) =>
    sequenceNumbers.includes('9') ? reporting('9') : OK,
  )
  expect(world.batches()).toEqual([
    ['7', '8', '9', '10', '11', '12'],
    ['9', '10', '11', '12'],
    ['9', '10'],
    ['9'],
    ['10'],
    ['11', '12'],
  ])
  expect(world.discarded.map(numbersOf)).toEqual([['9']])
})

it('B7 halves of one batch are never in flight together', async () => {
  const world = createWorld({ ...BISECTS, batchSize: 4 }, ({ sequenceNumbers }) =>
    sequenceNumbers.length === 4 ? THROWN : undefined,
  )
  world.put(4)
  world.mapping.start()
  await world.clock.advance(LONG_MS)
  expect(world.batches()).toEqual([
    ['7', '8', '9', '10'],
    ['7', '8'],
  ])
  world.invocations[1]?.answer(OK)
  await world.clock.settle()
  expect(world.batches().at(-1)).toEqual(['9', '10'])
})
