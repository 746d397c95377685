import { expect, it } from 'vitest'
import { createWorld, OK, reporting, SHARD, type World } from '../world.ts'

const evenPattern = JSON.stringify({ data: { even: [true] } })

function putNumbers(world: World, from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => {
    const number = from + index
    const data = Buffer.from(JSON.stringify({ number, even: number % 2 === 0 }))
    return world.source.put(SHARD, 'JFK', { data })
  })
}

it('F1 records are filtered before they are batched: two of four are one batch of two', async () => {
  const world = createWorld({ batchSize: 2, filterPatterns: [evenPattern] })
  const [, second, , fourth] = putNumbers(world, 1, 4)
  world.mapping.start()
  await world.clock.settle()
  expect(world.batches()).toEqual([[second, fourth]])
})

it('F1 a record is delivered if any filter matches', async () => {
  const world = createWorld({ filterPatterns: [evenPattern, '{"data":{"number":[1]}}'] })
  const put = putNumbers(world, 1, 4)
  world.mapping.start()
  await world.clock.settle()
  expect(world.batches()).toEqual([[put[0], put[1], put[3]]])
})

it('F2 where nothing matches the function is not invoked, and the checkpoint goes on', async () => {
  const world = createWorld({ filterPatterns: [evenPattern] })
  const [only] = putNumbers(world, 1, 1)
  world.mapping.start()
  await world.clock.settle()
  expect(world.invocations).toEqual([])
  expect(world.mapping.checkpoints()).toEqual({
    [SHARD]: { place: { at: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: only } },
  })
  expect(world.discarded).toEqual([])
  expect(world.mapping.stats().eventCounts).toMatchObject({
    PolledEventCount: 1,
    FilteredOutEventCount: 1,
    DroppedEventCount: 0,
  })
})

it('F3 data that is no JSON is left out by a pattern on the data, without an error', async () => {
  const world = createWorld({ filterPatterns: ['{"data":{"even":[{"exists":false}]}}'] })
  world.source.put(SHARD, 'JFK', { data: Buffer.from('not JSON') })
  const delivered = world.source.put(SHARD, 'JFK', { data: Buffer.from('{"number":1}') })
  world.mapping.start()
  await world.clock.settle()
  expect(world.batches()).toEqual([[delivered]])
  expect(world.errors).toEqual([])
})

it('F3 and judged by its metadata where the pattern has nothing on the data', async () => {
  const world = createWorld({ filterPatterns: ['{"partitionKey":["JFK"]}'] })
  const put = world.source.put(SHARD, 'JFK', { data: Buffer.from('not JSON') })
  world.source.put(SHARD, 'LHR', { data: Buffer.from('not JSON') })
  world.mapping.start()
  await world.clock.settle()
  expect(world.batches()).toEqual([[put]])
})

it('F4 what is delivered is the record as it came, its data in base64', async () => {
  const filtered = createWorld({ filterPatterns: [evenPattern] })
  putNumbers(filtered, 2, 2)
  filtered.mapping.start()
  await filtered.clock.settle()
  const plain = createWorld()
  putNumbers(plain, 2, 2)
  plain.mapping.start()
  await plain.clock.settle()
  expect(filtered.invocations[0]?.payload).toBe(plain.invocations[0]?.payload)
})

it('F5 a partial answer speaks of the records that were delivered', async () => {
  const world = createWorld({ filterPatterns: [evenPattern] }, ({ sequenceNumbers }) =>
    sequenceNumbers.length === 3 ? reporting('10') : OK,
  )
  putNumbers(world, 1, 6)
  world.mapping.start()
  await world.clock.settle()
  expect(world.batches()).toEqual([
    ['8', '10', '12'],
    ['10', '12'],
  ])
})

it('F5 and a record that was filtered out is none of the batch', async () => {
  const world = createWorld({ filterPatterns: [evenPattern], maximumRetryAttempts: 0 }, () => reporting('9'))
  putNumbers(world, 1, 4)
  world.mapping.start()
  await world.clock.advance(10_000)
  expect(world.discarded).toMatchObject([{ failure: { reason: 'invalid-response' } }])
})

it('F6 what is no pattern is refused when the mapping is made', () => {
  for (const pattern of ['{', '"JFK"', '{"data":{"origin":"JFK"}}']) {
    expect(() => createWorld({ filterPatterns: [pattern] })).toThrow('Invalid filter pattern definition.')
  }
})
