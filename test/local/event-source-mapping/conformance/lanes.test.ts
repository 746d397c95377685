import { expect, it } from 'vitest'
import { laneOfKey } from '../../../../local/event-source-mapping/lane-of-key.ts'
import { createWorld, OK, OTHER_SHARD, SHARD, THROWN } from '../world.ts'

/** Time enough for any number of retries that these tests wait for. */
const LONG_MS = 600_000

/** A key for each of two lanes. */
function keysOfTwoLanes(): { readonly stuck: string; readonly free: string } {
  const stuck = 'JFK'
  const others = Array.from({ length: 100 }, (_, index) => `key-${index}`)
  const free = others.find((key) => laneOfKey(key, 2) !== laneOfKey(stuck, 2))
  if (free === undefined) throw new Error('all keys share a lane')
  return { stuck, free }
}

const after = (sequenceNumber: string | undefined) => ({
  place: { at: 'AFTER_SEQUENCE_NUMBER', sequenceNumber },
})

it.each([1, 2, 5, 10])(
  'P1 %i batches at once are in flight for each shard, never more',
  async (parallelizationFactor) => {
    const world = createWorld({ parallelizationFactor }, () => undefined, { shardIds: [SHARD, OTHER_SHARD] })
    for (let number = 0; number < 800; number += 1) {
      world.source.put(number % 2 === 0 ? SHARD : OTHER_SHARD, `key-${number}`)
    }
    world.mapping.start()
    await world.clock.advance(LONG_MS)
    const inFlight = (shardId: string) => world.invocations.filter((call) => call.shardId === shardId)
    expect(inFlight(SHARD)).toHaveLength(parallelizationFactor)
    expect(inFlight(OTHER_SHARD)).toHaveLength(parallelizationFactor)
    for (const call of world.invocations) call.answer(OK)
    await world.clock.settle()
    expect(inFlight(SHARD)).toHaveLength(2 * parallelizationFactor)
  },
)

it('P2 a key is in one batch at a time, and its records are in order', async () => {
  const world = createWorld({ batchSize: 2, parallelizationFactor: 10 }, () => undefined)
  const put = world.put(6, 'JFK')
  world.mapping.start()
  await world.clock.settle()
  for (let answered = 0; answered < 3; answered += 1) {
    expect(world.invocations).toHaveLength(answered + 1)
    world.invocations[answered]?.answer(OK)
    await world.clock.settle()
  }
  expect(world.batches().flat()).toEqual(put)
})

it('P3 a key always goes to the same lane, so it waits for what it had before and for nothing of another lane', async () => {
  const { stuck, free } = keysOfTwoLanes()
  const world = createWorld({ parallelizationFactor: 2, batchSize: 1 }, ({ keys }) =>
    keys.includes(stuck) ? undefined : OK,
  )
  const first = world.put(1, stuck)
  world.mapping.start()
  const others: string[] = []
  for (let round = 0; round < 3; round += 1) {
    await world.clock.advance(1_000)
    world.put(1, stuck)
    others.push(...world.put(1, free))
  }
  await world.clock.advance(1_000)
  expect(world.batches().flat()).toEqual([...first, ...others])
})

it('P4 fewer keys than the factor leave lanes idle', async () => {
  const world = createWorld({ parallelizationFactor: 10, batchSize: 1 }, () => undefined)
  const { stuck, free } = keysOfTwoLanes()
  world.put(5, stuck)
  world.put(5, free)
  world.mapping.start()
  await world.clock.advance(LONG_MS)
  expect(world.invocations).toHaveLength(2)
})

it('P5 a stuck lane holds up itself and the checkpoint, not its siblings', async () => {
  const { stuck, free } = keysOfTwoLanes()
  let isStuck = true
  const world = createWorld({ batchSize: 1, parallelizationFactor: 2 }, ({ keys }) =>
    isStuck && keys.includes(stuck) ? THROWN : OK,
  )
  const [before] = world.put(1, free)
  world.put(1, stuck)
  const behind = world.put(3, free)
  world.mapping.start()
  await world.clock.advance(60_000)
  expect(world.batches().flat()).toEqual(expect.arrayContaining(behind))
  expect(world.mapping.checkpoints()).toEqual({ [SHARD]: after(before) })
  expect(world.mapping.isIdle()).toBe(false)
  isStuck = false
  await world.clock.advance(60_000)
  expect(world.mapping.checkpoints()).toEqual({ [SHARD]: after(behind.at(-1)) })
  expect(world.mapping.isIdle()).toBe(true)
})

it('P5 until the shard is read as far as it may be: then it waits for the stuck lane, and resumes with it', async () => {
  const { stuck, free } = keysOfTwoLanes()
  let isStuck = true
  const world = createWorld({ batchSize: 1_000, parallelizationFactor: 2 }, ({ keys }) =>
    isStuck && keys.includes(stuck) ? THROWN : OK,
  )
  world.put(1, stuck)
  const put = world.put(15_000, free)
  world.mapping.start()
  await world.clock.advance(60_000)
  const delivered = (): string[] =>
    world.invocations.filter(({ keys }) => !keys.includes(stuck)).flatMap((call) => call.sequenceNumbers)
  expect(delivered()).toEqual(put.slice(0, 9_999))
  isStuck = false
  await world.clock.advance(60_000)
  expect(delivered()).toEqual(put)
})

it('P6 the size, the window, the retries and the halving are a lane’s own', async () => {
  const { stuck, free } = keysOfTwoLanes()
  const world = createWorld(
    { parallelizationFactor: 2, batchSize: 2, maximumRetryAttempts: 0, bisectBatchOnFunctionError: true },
    ({ keys }) => (keys.includes(stuck) ? THROWN : OK),
  )
  const bad = world.put(2, stuck)
  const good = world.put(3, free)
  world.mapping.start()
  await world.clock.advance(LONG_MS)
  const ofKey = (key: string) =>
    world.invocations.filter(({ keys }) => keys.includes(key)).map((each) => each.sequenceNumbers)
  expect(ofKey(stuck)).toEqual([bad, [bad[0]], [bad[1]]])
  expect(ofKey(free)).toEqual([good.slice(0, 2), good.slice(2)])
})

it('P7 another factor takes effect while it runs: what is in flight ends, keys keep their order, nothing is lost', async () => {
  const world = createWorld({ batchSize: 1 }, () => undefined)
  const put = new Map<string, string[]>()
  for (let number = 0; number < 60; number += 1) {
    const key = `key-${number % 20}`
    put.set(key, [...(put.get(key) ?? []), ...world.put(1, key)])
  }
  world.mapping.start()
  await world.clock.settle()
  expect(world.invocations).toHaveLength(1)
  const updated = world.mapping.update({ parallelizationFactor: 5 })
  await world.clock.advance(LONG_MS)
  expect(world.invocations).toHaveLength(1)
  world.invocations[0]?.answer(OK)
  await updated
  await world.clock.settle()
  expect(world.invocations).toHaveLength(6)
  for (let answered = 1; answered < 60; answered += 1) {
    world.invocations[answered]?.answer(OK)
    await world.clock.settle()
  }
  for (const [key, expected] of put) {
    const delivered = world.invocations
      .filter(({ keys }) => keys.includes(key))
      .flatMap((each) => each.sequenceNumbers)
    expect(delivered).toEqual(expected)
  }
  expect(world.mapping.isIdle()).toBe(true)
})

it('P7 and back: a batch that failed is dealt anew, with all its retries', async () => {
  let isBroken = true
  const world = createWorld({ parallelizationFactor: 10, maximumRetryAttempts: 3 }, () =>
    isBroken ? THROWN : OK,
  )
  const put = Array.from({ length: 30 }, (_, number) => world.put(1, `key-${number}`)).flat()
  world.mapping.start()
  await world.clock.advance(300)
  await world.mapping.update({ parallelizationFactor: 1, batchSize: 30 })
  isBroken = false
  await world.clock.advance(LONG_MS)
  expect(world.batches().at(-1)).toEqual(put)
  expect(world.discarded).toEqual([])
})
