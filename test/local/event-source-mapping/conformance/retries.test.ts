import { expect, it } from 'vitest'
import { createWorld, OK, OTHER_SHARD, reporting, SHARD, THROTTLED, THROWN } from '../world.ts'

/** Time enough for any number of retries that these tests wait for. */
const LONG_MS = 600_000

it.each([0, 1, 2, 3])(
  'T1 %i retries are one invocation more of the same batch',
  async (maximumRetryAttempts) => {
    const world = createWorld({ maximumRetryAttempts }, ({ sequenceNumbers }) =>
      sequenceNumbers.includes('7') ? THROWN : OK,
    )
    world.put(11)
    world.mapping.start()
    await world.clock.advance(LONG_MS)
    const failing = world.invocations.filter((call) => call.sequenceNumbers.includes('7'))
    expect(failing).toHaveLength(maximumRetryAttempts + 1)
    expect(new Set(failing.map(({ sequenceNumbers }) => sequenceNumbers.join())).size).toBe(1)
    expect(world.batches().at(-1)).toEqual(['17'])
    expect(world.mapping.isIdle()).toBe(true)
  },
)

it('T2 a retry has the request id of its batch, and so has the report', async () => {
  const world = createWorld({ maximumRetryAttempts: 3 }, () => THROWN)
  world.put(2)
  world.mapping.start()
  await world.clock.advance(LONG_MS)
  const requestIds = new Set(world.invocations.map(({ requestId }) => requestId))
  expect([...requestIds]).toEqual(world.discarded.map(({ requestId }) => requestId))
  expect(world.invocations).toHaveLength(4)
})

it('T2 another batch, a rest and a half have others', async () => {
  const world = createWorld({ batchSize: 4, bisectBatchOnFunctionError: true }, ({ sequenceNumbers }) => {
    if (sequenceNumbers.length === 4) return THROWN
    return sequenceNumbers.join() === '7,8' ? reporting('8') : OK
  })
  world.put(5)
  world.mapping.start()
  await world.clock.advance(LONG_MS)
  expect(world.batches()).toEqual([['7', '8', '9', '10'], ['7', '8'], ['8'], ['9', '10'], ['11']])
  expect(new Set(world.invocations.map(({ requestId }) => requestId)).size).toBe(5)
})

it('T3 attempts are about 200 ms apart at first, and twice as long each time', async () => {
  for (const [draw, expected] of [
    [0, [180, 360, 720, 1_440]],
    [0.999_999, [270, 540, 1_080, 2_160]],
  ] as const) {
    const world = createWorld({ maximumRetryAttempts: 4 }, () => THROWN, { random: () => draw })
    world.put(1)
    world.mapping.start()
    await world.clock.advance(LONG_MS)
    const times = world.invocations.map(({ atMs }) => atMs)
    expect(times.slice(1).map((atMs, index) => atMs - (times[index] ?? 0))).toEqual(expected)
  }
})

it('T3 a batch that fails at once is tried about 8 times in a minute', async () => {
  const world = createWorld({}, () => THROWN)
  world.put(1)
  world.mapping.start()
  await world.clock.advance(60_000)
  expect(world.invocations.length).toBeGreaterThanOrEqual(7)
  expect(world.invocations.length).toBeLessThanOrEqual(9)
})

it('T4 retries without end go on until the records leave the stream, which is no report and no reason to stop', async () => {
  const world = createWorld({}, ({ sequenceNumbers }) => (sequenceNumbers.includes('7') ? THROWN : OK))
  world.put(1)
  world.mapping.start()
  await world.clock.advance(24 * 3_600_000 - 1)
  expect(world.invocations.length).toBeGreaterThan(2_000)
  expect(world.mapping.isIdle()).toBe(false)
  const [late] = world.put(1)
  await world.clock.advance(1_000)
  expect(world.batches().at(-1)).toEqual([late])
  expect(world.discarded).toEqual([])
  expect(world.mapping.stats().recordsLostToRetention).toBe(1)
})

it('T4 a longer retention is as much longer', async () => {
  const world = createWorld({}, () => THROWN)
  world.source.keepsMs = 48 * 3_600_000
  world.put(1)
  world.mapping.start()
  await world.clock.advance(47 * 3_600_000)
  expect(world.mapping.stats().recordsLostToRetention).toBe(0)
  await world.clock.advance(3_600_000)
  expect(world.mapping.stats().recordsLostToRetention).toBe(1)
})

it('T5 throttles and a service that cannot be reached use up no retry, and the request id stays', async () => {
  const refusal = new Error('connection refused')
  const answers = [THROTTLED, refusal, THROTTLED, OK]
  const world = createWorld({ maximumRetryAttempts: 0 }, () => answers.shift())
  world.put(2)
  world.mapping.start()
  await world.clock.advance(LONG_MS)
  expect(world.batches()).toEqual(Array.from({ length: 4 }, () => ['7', '8']))
  expect(new Set(world.invocations.map(({ requestId }) => requestId)).size).toBe(1)
  expect(world.discarded).toEqual([])
  expect(world.errors).toEqual([refusal])
  expect(world.mapping.stats()).toMatchObject({
    attempts: { throttled: 2, 'service-error': 1, succeeded: 1 },
    eventCounts: { InvokedEventCount: 2 },
  })
})

it('T5 a function without concurrency delays its records and loses none', async () => {
  const world = createWorld({ maximumRetryAttempts: 0 }, () => THROTTLED)
  world.put(1)
  world.mapping.start()
  await world.clock.advance(3_600_000)
  expect(world.discarded).toEqual([])
  expect(world.invocations.length).toBeGreaterThan(50)
})

it('T6 retries hold up their own shard only', async () => {
  const world = createWorld({}, ({ shardId }) => (shardId === SHARD ? THROWN : OK), {
    shardIds: [SHARD, OTHER_SHARD],
  })
  world.source.put(SHARD, 'JFK')
  const free = Array.from({ length: 25 }, () => world.source.put(OTHER_SHARD, 'JFK'))
  world.mapping.start()
  await world.clock.advance(10_000)
  const delivered = world.invocations.filter(({ shardId }) => shardId === OTHER_SHARD)
  expect(delivered.flatMap(({ sequenceNumbers }) => sequenceNumbers)).toEqual(free)
})
