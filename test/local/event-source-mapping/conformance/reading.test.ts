import { expect, it } from 'vitest'
import { createWorld, OK, OTHER_SHARD, SHARD, sizes, THROWN } from '../world.ts'

it('R1 an idle shard of Kinesis is looked into once a second, one of DynamoDB four times', async () => {
  for (const [kind, reads] of [
    ['kinesis', 11],
    ['dynamodb', 41],
  ] as const) {
    const world = createWorld({}, () => OK, { kind })
    world.mapping.start()
    await world.clock.advance(10_000)
    expect(world.source.reads).toHaveLength(reads)
  }
})

it('R1 neither the batch size, nor the window, nor the factor changes that', async () => {
  const world = createWorld({ batchSize: 1, maximumBatchingWindowMs: 300_000, parallelizationFactor: 10 })
  world.mapping.start()
  await world.clock.advance(10_000)
  expect(world.source.reads).toHaveLength(11)
})

it('R2 as long as there are records the next read follows without a pause', async () => {
  const world = createWorld()
  const beganMs = world.clock.nowMs()
  world.mapping.start()
  await world.clock.advance(1_500)
  world.put(1)
  await world.clock.advance(1_000)
  expect(world.source.reads.map(({ atMs }) => atMs - beganMs)).toEqual([0, 1_000, 2_000, 2_000])
})

it('R3 a batch never mixes shards, and a shard that is blocked does not hold up another', async () => {
  const world = createWorld({}, ({ shardId }) => (shardId === SHARD ? undefined : OK), {
    shardIds: [SHARD, OTHER_SHARD],
  })
  const first: string[] = []
  const other: string[] = []
  for (let number = 0; number < 15; number += 1) {
    first.push(world.source.put(SHARD, 'JFK'))
    other.push(world.source.put(OTHER_SHARD, 'JFK'))
  }
  world.mapping.start()
  await world.clock.settle()
  const delivered = (shardId: string): (readonly string[])[] =>
    world.invocations.filter((call) => call.shardId === shardId).map((call) => call.sequenceNumbers)
  expect(delivered(SHARD)).toEqual([first.slice(0, 10)])
  expect(delivered(OTHER_SHARD)).toEqual([other.slice(0, 10), other.slice(10)])
})

it('R4 one batch is in flight for a shard, and the next begins when its outcome is settled', async () => {
  const world = createWorld({}, () => undefined)
  world.put(30)
  world.mapping.start()
  await world.clock.advance(60_000)
  expect(sizes(world)).toEqual([10])
  world.invocations[0]?.answer(OK)
  await world.clock.settle()
  expect(sizes(world)).toEqual([10, 10])
})

it('R5 30 records and a batch size of 10 are delivered as 10, 10 and 10, in order', async () => {
  const world = createWorld()
  const put = world.put(30)
  world.mapping.start()
  await world.clock.settle()
  expect(sizes(world)).toEqual([10, 10, 10])
  expect(world.batches().flat()).toEqual(put)
})

it('R6 without a window a single record is sent at once', async () => {
  const world = createWorld({ batchSize: 100 })
  world.put(1)
  world.mapping.start()
  await world.clock.settle()
  expect(sizes(world)).toEqual([1])
  expect(world.invocations[0]?.atMs).toBe(world.clock.nowMs())
})

it('R7 with a window the records of its whole length go together, at its end', async () => {
  const world = createWorld({ batchSize: 100, maximumBatchingWindowMs: 5_000 })
  const beganMs = world.clock.nowMs()
  world.mapping.start()
  for (let second = 0; second < 4; second += 1) {
    world.put(2)
    await world.clock.advance(1_000)
  }
  expect(sizes(world)).toEqual([])
  await world.clock.advance(1_000)
  expect(sizes(world)).toEqual([8])
  expect(world.invocations[0]?.atMs).toBe(beganMs + 5_000)
})

it('R7 a full batch does not wait for the end of its window', async () => {
  const world = createWorld({ maximumBatchingWindowMs: 300_000 })
  world.put(13)
  world.mapping.start()
  await world.clock.settle()
  expect(sizes(world)).toEqual([10])
})

it('R8 the next window begins when the invocation before it ends, not with its first record', async () => {
  const world = createWorld({ batchSize: 2, maximumBatchingWindowMs: 5_000 }, () => undefined)
  const beganMs = world.clock.nowMs()
  world.put(3)
  world.mapping.start()
  await world.clock.advance(3_000)
  world.invocations[0]?.answer(OK)
  await world.clock.advance(60_000)
  expect(world.invocations.map(({ atMs }) => atMs - beganMs)).toEqual([0, 8_000])
})

it('R9 a payload is cut before 6 MB, and the rest follows', async () => {
  const world = createWorld()
  for (let number = 0; number < 9; number += 1) {
    world.source.put(SHARD, 'JFK', { data: new Uint8Array(1_000_000) })
  }
  world.mapping.start()
  await world.clock.settle()
  expect(sizes(world)).toEqual([4, 4, 1])
  for (const { payload } of world.invocations)
    expect(Buffer.byteLength(payload)).toBeLessThan(6 * 1024 * 1024)
})

it('R9 a full payload does not wait for the end of its window', async () => {
  const world = createWorld({ maximumBatchingWindowMs: 300_000 })
  for (let number = 0; number < 5; number += 1) {
    world.source.put(SHARD, 'JFK', { data: new Uint8Array(1_000_000) })
  }
  world.mapping.start()
  await world.clock.settle()
  expect(sizes(world)).toEqual([4])
})

it.each([0, 2])(
  'R10 a record too large for any payload uses up its %i retries without an invocation; the next is delivered',
  async (maximumRetryAttempts) => {
    const world = createWorld({ maximumRetryAttempts })
    const large = world.source.put(SHARD, 'JFK', { data: new Uint8Array(5 * 1024 * 1024) })
    const small = world.source.put(SHARD, 'JFK')
    world.mapping.start()
    await world.clock.advance(600_000)
    expect(world.batches()).toEqual([[small]])
    expect(world.discarded).toMatchObject([
      {
        reason: 'retries-exhausted',
        approximateInvokeCount: maximumRetryAttempts + 1,
        failure: { reason: 'payload-too-large' },
        records: [{ sequenceNumber: large }],
      },
    ])
    expect(world.mapping.stats()).toMatchObject({
      attempts: { 'payload-too-large': maximumRetryAttempts + 1, succeeded: 1 },
      eventCounts: { InvokedEventCount: 1 },
    })
  },
)

it('R11 several mappings on one stream each see all records and go their own way', async () => {
  const one = createWorld({ maximumRetryAttempts: -1 }, () => THROWN)
  const other = createWorld({}, () => OK, { on: one })
  const put = one.put(25)
  one.mapping.start()
  other.mapping.start()
  await one.clock.settle()
  expect(other.batches().flat()).toEqual(put)
  expect(other.mapping.checkpoints()).toEqual({
    [SHARD]: { place: { at: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: put.at(-1) } },
  })
  expect(one.mapping.checkpoints()).toEqual({ [SHARD]: { place: { at: 'TRIM_HORIZON' } } })
})

it.each([
  ['TRIM_HORIZON', ['7', '8', '9', '10']],
  ['AT_TIMESTAMP', ['8', '9', '10']],
  ['LATEST', ['10']],
] as const)('R12 %s delivers %j of what was there and what comes', async (startingPosition, expected) => {
  const world = createWorld()
  world.put(1)
  await world.clock.advance(1_000)
  const timestampMs = world.clock.nowMs()
  world.put(1)
  await world.clock.advance(1_000)
  world.put(1)
  const begun = createWorld(
    { startingPosition, ...(startingPosition === 'AT_TIMESTAMP' && { startingTimestampMs: timestampMs }) },
    () => OK,
    { on: world },
  )
  begun.mapping.start()
  await world.clock.settle()
  world.put(1)
  await world.clock.advance(1_000)
  expect(begun.batches().flat()).toEqual(expected)
})

it('R13 what cannot be read is tried again from the same place, and uses up no retry', async () => {
  const world = createWorld({ maximumRetryAttempts: 0 })
  const put = world.put(3)
  world.mapping.start()
  await world.clock.settle()
  const denied = new Error('not authorized to perform kinesis:GetRecords')
  world.source.failure = denied
  put.push(...world.put(2))
  await world.clock.advance(10_000)
  expect(world.errors).toEqual(Array.from({ length: 10 }, () => denied))
  expect(world.batches().flat()).toEqual(put.slice(0, 3))
  world.source.failure = undefined
  await world.clock.advance(1_000)
  expect(world.batches().flat()).toEqual(put)
  expect(world.discarded).toEqual([])
})

it('R13 nor does it matter if the shards cannot even be listed', async () => {
  const world = createWorld()
  world.source.failure = new Error('not authorized to perform kinesis:ListShards')
  const put = world.put(3)
  world.mapping.start()
  await world.clock.advance(2_500)
  expect(world.errors).toHaveLength(3)
  expect(world.batches()).toEqual([])
  world.source.failure = undefined
  await world.clock.advance(1_000)
  expect(world.batches().flat()).toEqual(put)
})

it('R14 a shard is read on while a batch of it is in flight, but only so far', async () => {
  const world = createWorld({ batchSize: 1_000 }, () => undefined)
  world.put(25_000)
  world.mapping.start()
  await world.clock.advance(60_000)
  const polled = (): number => world.mapping.stats().eventCounts.PolledEventCount
  expect(polled()).toBe(10_000)
  for (let answered = 0; answered < 5; answered += 1) {
    expect(polled()).toBe(10_000)
    world.invocations[answered]?.answer(OK)
    await world.clock.settle()
  }
  expect(polled()).toBe(15_000)
})
