import { expect, it } from 'vitest'
import { createWorld, OK, THROWN } from '../world.ts'

const TO_READ = { shardIds: ['parent'] }

it('S1 a child is read only when everything of its parent is done', async () => {
  const world = createWorld({}, () => undefined, TO_READ)
  const parent = world.source.put('parent', 'JFK')
  world.source.addShard('child', ['parent'])
  const child = world.source.put('child', 'JFK')
  world.mapping.start()
  await world.clock.advance(60_000)
  expect(world.batches()).toEqual([[parent]])
  world.invocations[0]?.answer(OK)
  await world.clock.settle()
  expect(world.batches()).toEqual([[parent], [child]])
})

it('S1 a parent whose record is tried again and again holds it up', async () => {
  let isBroken = true
  const world = createWorld({}, () => (isBroken ? THROWN : OK), TO_READ)
  const parent = world.source.put('parent', 'JFK')
  world.source.addShard('child', ['parent'])
  const child = world.source.put('child', 'JFK')
  world.mapping.start()
  await world.clock.advance(60_000)
  expect(world.batches().flat()).not.toContain(child)
  isBroken = false
  await world.clock.advance(60_000)
  expect(world.batches().slice(-2)).toEqual([[parent], [child]])
})

it('S1 a split while it runs is followed, and nothing is lost or out of order', async () => {
  const world = createWorld({}, () => OK, TO_READ)
  const put = [world.source.put('parent', 'JFK')]
  world.mapping.start()
  await world.clock.advance(10_000)
  world.source.addShard('left', ['parent'])
  world.source.addShard('right', ['parent'])
  put.push(world.source.put('left', 'JFK'), world.source.put('right', 'LHR'))
  await world.clock.advance(10_000)
  put.push(world.source.put('right', 'LHR'))
  await world.clock.advance(10_000)
  expect(world.batches().flat()).toEqual(put)
})

it('S2 after a merge the child waits for both parents', async () => {
  const world = createWorld({}, () => undefined, { shardIds: ['left', 'right'] })
  world.source.put('left', 'JFK')
  world.source.put('right', 'LHR')
  world.source.addShard('merged', ['left', 'right'])
  const merged = world.source.put('merged', 'JFK')
  world.mapping.start()
  await world.clock.advance(60_000)
  expect(world.invocations).toHaveLength(2)
  world.invocations[0]?.answer(OK)
  await world.clock.advance(60_000)
  expect(world.invocations).toHaveLength(2)
  world.invocations[1]?.answer(OK)
  await world.clock.settle()
  expect(world.batches().at(-1)).toEqual([merged])
})

it('S3 siblings are read at the same time', async () => {
  const world = createWorld({}, () => undefined, TO_READ)
  world.source.addShard('left', ['parent'])
  world.source.addShard('right', ['parent'])
  world.source.put('left', 'JFK')
  world.source.put('right', 'LHR')
  world.mapping.start()
  await world.clock.settle()
  expect(world.invocations.map(({ shardId }) => shardId)).toEqual(['left', 'right'])
})

it('S4 from TRIM_HORIZON closed shards are read first, whatever the order in which they are listed', async () => {
  const world = createWorld({}, () => OK, { shardIds: [] })
  world.source.addShard('grandparent')
  const first = world.source.put('grandparent', 'JFK')
  world.source.addShard('a-child', ['grandparent'])
  const second = world.source.put('a-child', 'JFK')
  world.source.addShard('a-grandchild', ['a-child'])
  const third = world.source.put('a-grandchild', 'JFK')
  const shards = await world.source.shards()
  world.source.shards = async () => shards.toReversed()
  world.mapping.start()
  await world.clock.settle()
  expect(world.batches()).toEqual([[first], [second], [third]])
})

it('S5 from LATEST the open shards begin behind their newest record, their children at their first', async () => {
  const world = createWorld({ startingPosition: 'LATEST' }, () => OK, TO_READ)
  world.source.put('parent', 'JFK')
  world.source.addShard('open', ['parent'])
  world.source.put('open', 'JFK')
  world.mapping.start()
  await world.clock.settle()
  const seen = world.source.put('open', 'JFK')
  world.source.addShard('child', ['open'])
  const born = world.source.put('child', 'JFK')
  await world.clock.advance(2_000)
  expect(world.batches()).toEqual([[seen], [born]])
})

it('S6 a parent that the stream no longer lists holds up nothing', async () => {
  const world = createWorld({}, () => OK, TO_READ)
  world.source.put('parent', 'JFK')
  world.source.addShard('child', ['parent'])
  world.source.forgetShard('parent')
  const child = world.source.put('child', 'JFK')
  world.mapping.start()
  await world.clock.settle()
  expect(world.batches()).toEqual([[child]])
})

it('S7 a shard that ends without a record is done at once', async () => {
  const world = createWorld({}, () => OK, TO_READ)
  world.mapping.start()
  await world.clock.settle()
  world.source.addShard('child', ['parent'])
  const child = world.source.put('child', 'JFK')
  await world.clock.advance(1_000)
  expect(world.batches()).toEqual([[child]])
  expect(world.mapping.checkpoints()['parent']).toEqual({ place: 'SHARD_END' })
})

it('S8 a child that is listed late is read when it is', async () => {
  const world = createWorld({}, () => OK, TO_READ)
  const parent = world.source.put('parent', 'JFK')
  world.source.closeShard('parent')
  world.mapping.start()
  await world.clock.advance(10_000)
  expect(world.batches()).toEqual([[parent]])
  world.source.addShard('child', ['parent'])
  const child = world.source.put('child', 'JFK')
  await world.clock.advance(1_000)
  expect(world.batches()).toEqual([[parent], [child]])
})
