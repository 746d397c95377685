import { expect, it } from 'vitest'
import { createWorld, numbersOf, OK, reporting, THROWN } from '../world.ts'

/** Time enough for any number of retries that these tests wait for. */
const LONG_MS = 600_000

it('A1 without ReportBatchItemFailures any return is success, and a list of failures is ignored', async () => {
  const world = createWorld({ reportBatchItemFailures: false }, () => reporting('8'))
  world.put(3)
  world.mapping.start()
  await world.clock.advance(LONG_MS)
  expect(world.batches()).toEqual([['7', '8', '9']])
  expect(world.mapping.isIdle()).toBe(true)
})

it.each(['""', '[]', 'null', '{}', '{"batchItemFailures":[]}', '{"batchItemFailures":null}', ''])(
  'A2 %j is complete success',
  async (payload) => {
    const world = createWorld({}, () => ({ outcome: 'answered', payload }))
    world.put(3)
    world.mapping.start()
    await world.clock.advance(LONG_MS)
    expect(world.batches()).toEqual([['7', '8', '9']])
    expect(world.mapping.stats().attempts).toEqual({ succeeded: 1 })
  },
)

it.each([
  '{"batchItemFailures":[{"itemIdentifier":""}]}',
  '{"batchItemFailures":[{"itemIdentifier":null}]}',
  '{"batchItemFailures":[{"foo":123}]}',
  '{"batchItemFailures":[{"foo":null}]}',
  '{"batchItemFailures":[{"itemIdentifier":123}]}',
  '{"batchItemFailures":[{"itemIdentifier":"6"}]}',
  '{"batchItemFailures":[{"itemIdentifier":"8"},{"itemIdentifier":""}]}',
])('A3 %s is complete failure: the whole batch comes again', async (payload) => {
  const answers = [{ outcome: 'answered', payload }, OK] as const
  let calls = 0
  const world = createWorld({}, () => answers[calls++])
  world.put(3)
  world.mapping.start()
  await world.clock.advance(LONG_MS)
  expect(world.batches()).toEqual([
    ['7', '8', '9'],
    ['7', '8', '9'],
  ])
  expect(world.mapping.stats().attempts).toEqual({ 'invalid-response': 1, succeeded: 1 })
})

it('A4 the lowest reported number is the checkpoint: all from it on comes again, as numbers go', async () => {
  const world = createWorld({}, ({ sequenceNumbers }) =>
    sequenceNumbers.includes('8') ? reporting('10', '9') : OK,
  )
  world.put(5)
  world.mapping.start()
  await world.clock.settle()
  expect(world.batches()).toEqual([
    ['7', '8', '9', '10', '11'],
    ['9', '10', '11'],
  ])
})

it('A5 what is left of a batch that made progress is a new one: at once, another request id, all retries', async () => {
  const world = createWorld({ maximumRetryAttempts: 1 }, ({ sequenceNumbers }) =>
    sequenceNumbers[0] === '7' && world.invocations.length === 1 ? THROWN : reporting('9'),
  )
  world.put(3)
  world.mapping.start()
  await world.clock.advance(LONG_MS)
  expect(world.batches()).toEqual([['7', '8', '9'], ['7', '8', '9'], ['9'], ['9']])
  const [, second, third, fourth] = world.invocations
  expect(third?.atMs).toBe(second?.atMs)
  expect(third?.requestId).not.toBe(second?.requestId)
  expect(fourth?.requestId).toBe(third?.requestId)
  expect(world.discarded).toMatchObject([{ approximateInvokeCount: 2 }])
})

it('A5 so a record that fails for ever is delivered more often than its retries and once', async () => {
  const world = createWorld({ maximumRetryAttempts: 2 }, () => reporting('9'))
  world.put(5)
  world.mapping.start()
  await world.clock.advance(LONG_MS)
  const rest = ['9', '10', '11']
  expect(world.batches()).toEqual([['7', '8', '9', '10', '11'], rest, rest, rest])
  expect(new Set(world.invocations.slice(1).map(({ requestId }) => requestId)).size).toBe(1)
})

it('A6 a report of the first record is an ordinary failure, and at last the rest goes with it, good or bad', async () => {
  const world = createWorld({ maximumRetryAttempts: 1 }, () => reporting('7'))
  world.put(4)
  world.mapping.start()
  await world.clock.advance(LONG_MS)
  expect(world.batches()).toEqual([
    ['7', '8', '9', '10'],
    ['7', '8', '9', '10'],
  ])
  expect(world.discarded.map(numbersOf)).toEqual([['7', '8', '9', '10']])
  expect(world.discarded).toMatchObject([
    { approximateInvokeCount: 2, failure: { reason: 'first-record-failed' } },
  ])
})
