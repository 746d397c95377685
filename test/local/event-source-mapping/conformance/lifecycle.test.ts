import { describe, expect, it } from 'vitest'
import { createWorld, OK, OTHER_SHARD, SHARD, sizes, THROWN } from '../world.ts'

/** Time enough for any number of retries that these tests wait for. */
const LONG_MS = 600_000
const after = (sequenceNumber = '') => ({ place: { at: 'AFTER_SEQUENCE_NUMBER' as const, sequenceNumber } })

describe('disabling', () => {
  it('C1 waits for the invocation in flight, keeps its outcome, and begins nothing more', async () => {
    const world = createWorld({}, () => undefined)
    world.put(20)
    world.mapping.start()
    await world.clock.settle()
    let stopped = false
    const stopping = world.mapping.stop().then(() => {
      stopped = true
      return stopped
    })
    await world.clock.advance(LONG_MS)
    expect(stopped).toBe(false)
    world.invocations[0]?.answer(OK)
    await stopping
    await world.clock.advance(LONG_MS)
    expect(world.invocations).toHaveLength(1)
    expect(world.mapping.checkpoints()).toEqual({ [SHARD]: after('16') })
    expect(world.clock.pendingTimers).toBe(0)
  })

  it('C1 keeps the checkpoint: enabled again it goes on there, without loss and without a second delivery', async () => {
    const world = createWorld()
    world.put(10)
    world.mapping.start()
    await world.clock.settle()
    await world.mapping.stop()
    world.put(10)
    await world.clock.advance(LONG_MS)
    expect(sizes(world)).toEqual([10])
    world.mapping.start()
    await world.clock.settle()
    expect(world.batches().flat()).toEqual(Array.from({ length: 20 }, (_, index) => String(7 + index)))
  })

  it.each([0, 2])(
    'C1 waits for a read in flight, whose %i records are there when enabled again',
    async (count) => {
      const world = createWorld()
      const release = world.source.hold()
      const put = world.put(count)
      world.mapping.start()
      await world.clock.settle()
      const stopping = world.mapping.stop()
      release()
      await stopping
      await world.clock.settle()
      expect(world.source.reads).toHaveLength(1)
      expect(world.clock.pendingTimers).toBe(0)
      expect(world.invocations).toEqual([])
      world.mapping.start()
      await world.clock.settle()
      expect(world.batches().flat()).toEqual(put)
    },
  )

  it('C1 and enabling again during a read, or while the shards are listed, delivers nothing twice', async () => {
    for (const settlesFirst of [true, false]) {
      const world = createWorld()
      const release = world.source.hold()
      const put = world.put(2)
      world.mapping.start()
      if (settlesFirst) await world.clock.settle()
      const stopping = world.mapping.stop()
      world.mapping.start()
      release()
      await world.clock.settle()
      expect(world.batches().flat()).toEqual(put)
      await world.mapping.stop()
      await stopping
    }
  })

  it('C1 leaves a batch that waits for its retry, and enabled again delivers it', async () => {
    const answers = [THROWN, OK]
    const world = createWorld({}, () => answers.shift())
    world.put(1)
    world.mapping.start()
    await world.clock.settle()
    await world.mapping.stop()
    await world.clock.advance(LONG_MS)
    expect(world.invocations).toHaveLength(1)
    world.mapping.start()
    await world.clock.settle()
    expect(world.invocations).toHaveLength(2)
    expect(world.mapping.isIdle()).toBe(true)
  })

  it('C1 leaves no timer of a window that several reads fell into', async () => {
    const world = createWorld({ maximumBatchingWindowMs: 60_000 })
    world.mapping.start()
    for (let second = 0; second < 5; second += 1) {
      world.put(1)
      await world.clock.advance(1_000)
    }
    expect(world.clock.pendingTimers).toBe(1)
    await world.mapping.stop()
    expect(world.clock.pendingTimers).toBe(0)
  })
})

describe('changes that overlap', () => {
  it('C3 are made one after the other, each on top of the one before', async () => {
    const world = createWorld({ batchSize: 1 }, () => undefined)
    for (let number = 0; number < 30; number += 1) world.put(1, `key-${number}`)
    world.mapping.start()
    await world.clock.settle()
    const updates = [
      world.mapping.update({ parallelizationFactor: 3 }),
      world.mapping.update({ batchSize: 2 }),
    ]
    world.invocations[0]?.answer(OK)
    await Promise.all(updates)
    await world.clock.settle()
    expect(sizes(world)).toEqual([1, 2, 2, 2])
  })

  it('C3 and the last word counts: a stop after an update or a start over stops', async () => {
    for (const change of ['update', 'startOver'] as const) {
      const world = createWorld({}, () => undefined)
      world.put(1)
      world.mapping.start()
      await world.clock.settle()
      const changed = change === 'update' ? world.mapping.update({ batchSize: 5 }) : world.mapping.startOver()
      const stopped = world.mapping.stop()
      world.invocations[0]?.answer(OK)
      await Promise.all([changed, stopped])
      world.put(1)
      await world.clock.advance(LONG_MS)
      expect(world.invocations).toHaveLength(1)
      expect(world.clock.pendingTimers).toBe(0)
    }
  })

  it('C3 and a start after a stop starts, when what was in flight has ended', async () => {
    const world = createWorld({ batchSize: 1 }, () => undefined)
    world.put(2)
    world.mapping.start()
    await world.clock.settle()
    const stopped = world.mapping.stop()
    world.mapping.start()
    await world.clock.settle()
    expect(world.invocations).toHaveLength(1)
    world.invocations[0]?.answer(OK)
    await stopped
    await world.clock.settle()
    expect(world.invocations).toHaveLength(2)
  })

  it('C3 settings that are refused change nothing, and it goes on', async () => {
    const world = createWorld()
    world.mapping.start()
    await expect(world.mapping.update({ batchSize: 0 })).rejects.toThrow('batchSize is 0')
    world.put(15)
    await world.clock.advance(1_000)
    expect(sizes(world)).toEqual([10, 5])
  })

  it('C3 another filter holds for what was read already', async () => {
    const pattern = '{"partitionKey":["LHR"]}'
    const world = createWorld({ batchSize: 1 }, () => undefined)
    const [first] = world.put(1, 'JFK')
    world.put(1, 'JFK')
    const [passed] = world.put(1, 'LHR')
    world.mapping.start()
    await world.clock.settle()
    const updated = world.mapping.update({ filterPatterns: [pattern] })
    world.invocations[0]?.answer(OK)
    await updated
    await world.clock.settle()
    expect(world.batches()).toEqual([[first], [passed]])
  })
})

describe('a restart', () => {
  it('C2 goes on from the checkpoints: what was done behind them comes again, nothing is left out', async () => {
    const world = createWorld({ batchSize: 2 }, ({ sequenceNumbers }) =>
      sequenceNumbers.includes('9') ? undefined : OK,
    )
    world.put(6)
    world.mapping.start()
    await world.clock.settle()
    const checkpoints = world.mapping.checkpoints()
    expect(checkpoints).toEqual({ [SHARD]: after('8') })
    const successor = createWorld({ batchSize: 2 }, () => OK, { on: world, checkpoints })
    successor.mapping.start()
    await world.clock.settle()
    expect(successor.batches()).toEqual([
      ['9', '10'],
      ['11', '12'],
    ])
  })

  it('C2 does not go back to a shard that was done, and reads its children from the start', async () => {
    const world = createWorld({}, () => OK, { shardIds: ['parent'] })
    world.source.put('parent', 'JFK')
    world.source.addShard('child', ['parent'])
    world.mapping.start()
    await world.clock.settle()
    await world.mapping.stop()
    const child = world.source.put('child', 'JFK')
    world.source.addShard('grandchild', ['child'])
    const grandchild = world.source.put('grandchild', 'JFK')
    const successor = createWorld({ startingPosition: 'LATEST' }, () => OK, {
      on: world,
      checkpoints: world.mapping.checkpoints(),
    })
    successor.mapping.start()
    await world.clock.advance(2_000)
    expect(successor.batches()).toEqual([[child], [grandchild]])
  })

  it('C2 of a mapping that began at LATEST and had nothing yet skips nothing', async () => {
    const world = createWorld({ startingPosition: 'LATEST' })
    world.put(1)
    await world.clock.advance(1)
    world.mapping.start()
    await world.clock.settle()
    await world.mapping.stop()
    const put = world.put(1)
    await world.clock.advance(60_000)
    const successor = createWorld({ startingPosition: 'LATEST' }, () => OK, {
      on: world,
      checkpoints: world.mapping.checkpoints(),
    })
    successor.mapping.start()
    await world.clock.settle()
    expect(successor.batches()).toEqual([put])
  })

  it('C2 over, as a mapping made anew, delivers everything again, with new request ids', async () => {
    const world = createWorld()
    const put = world.put(20)
    world.mapping.start()
    await world.clock.settle()
    await world.mapping.startOver()
    await world.clock.settle()
    expect(world.batches().flat()).toEqual([...put, ...put])
    expect(new Set(world.invocations.map(({ requestId }) => requestId)).size).toBe(4)
  })

  it('C2 over forgets the checkpoints that it was made with too', async () => {
    const world = createWorld()
    const put = world.put(3)
    const checkpoints = { [SHARD]: after('8') } as const
    const successor = createWorld({}, () => OK, { on: world, checkpoints })
    successor.mapping.start()
    await world.clock.settle()
    expect(successor.batches()).toEqual([['9']])
    await successor.mapping.startOver()
    await world.clock.settle()
    expect(successor.batches()).toEqual([['9'], put])
  })

  it('C2 from no checkpoints at all is a first start', async () => {
    const world = createWorld({ startingPosition: 'LATEST' }, () => OK, { checkpoints: {} })
    world.put(1)
    world.mapping.start()
    await world.clock.settle()
    expect(world.batches()).toEqual([])
    const put = world.put(1)
    await world.clock.advance(1_000)
    expect(world.batches()).toEqual([put])
  })

  it('C2 over waits for what is in flight and forgets its outcome', async () => {
    const answers = [undefined, OK]
    const world = createWorld({}, () => answers.shift())
    const put = world.put(1)
    world.mapping.start()
    await world.clock.settle()
    const startingOver = world.mapping.startOver()
    await world.clock.advance(LONG_MS)
    expect(world.invocations).toHaveLength(1)
    world.invocations[0]?.answer(OK)
    await startingOver
    await world.clock.settle()
    expect(world.batches()).toEqual([put, put])
  })
})

describe('draining', () => {
  it('is over when every shard is done to its last record, not before', async () => {
    const world = createWorld({}, () => undefined, { shardIds: [SHARD, OTHER_SHARD] })
    world.source.put(SHARD, 'JFK')
    world.source.put(OTHER_SHARD, 'JFK')
    world.mapping.start()
    let isDrained = false
    const draining = world.mapping.drained().then(() => {
      isDrained = true
      return isDrained
    })
    await world.clock.advance(LONG_MS)
    world.invocations[0]?.answer(OK)
    await world.clock.advance(LONG_MS)
    expect([isDrained, world.mapping.isIdle()]).toEqual([false, false])
    world.invocations[1]?.answer(OK)
    await world.clock.settle()
    await draining
    expect(world.mapping.isIdle()).toBe(true)
  })

  it('sees a record that is not read yet, and does not wait for the next look', async () => {
    const world = createWorld({}, () => OK)
    world.mapping.start()
    await world.clock.advance(500)
    const put = world.put(1)
    await world.mapping.drained()
    expect(world.batches()).toEqual([put])
  })

  it('sees the shards of a split that is not noticed yet', async () => {
    const world = createWorld({}, () => OK, { shardIds: ['parent'] })
    world.mapping.start()
    await world.clock.advance(500)
    world.source.addShard('child', ['parent'])
    const put = world.source.put('child', 'JFK')
    await world.mapping.drained()
    expect(world.batches()).toEqual([[put]])
  })

  it('waits for a read that began before, whose answer may be old', async () => {
    const world = createWorld()
    const release = world.source.hold()
    world.mapping.start()
    await world.clock.settle()
    const put = world.put(1)
    const draining = world.mapping.drained()
    release()
    await draining
    expect(world.batches()).toEqual([put])
  })

  it('of a stream without records is over with the first look', async () => {
    const world = createWorld()
    world.mapping.start()
    await expect(world.mapping.drained()).resolves.toBeUndefined()
  })

  it('that is cut short by a stop is told so, and so is one of a mapping that does not run', async () => {
    const world = createWorld({}, () => THROWN)
    world.put(1)
    await expect(world.mapping.drained()).rejects.toThrow('does not run')
    world.mapping.start()
    await world.clock.settle()
    const told = world.mapping.drained().then(
      () => 'it was drained',
      (error: unknown) => String(error),
    )
    await world.clock.settle()
    await world.mapping.stop()
    expect(await told).toContain('does not run')
  })
})

it('is not idle before its shards are listed', async () => {
  const world = createWorld()
  world.mapping.start()
  expect(world.mapping.isIdle()).toBe(false)
  await world.clock.settle()
  expect(world.mapping.isIdle()).toBe(true)
})

it('stopped while its shards cannot be listed it leaves no timer', async () => {
  const world = createWorld()
  world.source.failure = new Error('not authorized')
  world.mapping.start()
  await world.mapping.stop()
  expect(world.clock.pendingTimers).toBe(0)
  expect(world.errors).toHaveLength(1)
})

it('the iterator age is that of the last record when its batch was sent', async () => {
  const world = createWorld({ maximumBatchingWindowMs: 5_000 })
  expect(world.mapping.stats().iteratorAgeMs).toBeUndefined()
  world.put(1)
  world.mapping.start()
  await world.clock.advance(1_500)
  world.put(1)
  await world.clock.advance(60_000)
  expect(world.batches()).toEqual([['7', '8']])
  expect(world.mapping.stats()).toMatchObject({ attempts: { succeeded: 1 }, iteratorAgeMs: 3_500 })
})
