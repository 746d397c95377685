import { describe, expect, it } from 'vitest'
import { laneOfKey } from '../../../local/event-source-mapping/lane-of-key.ts'
import { createWorld, OK, OTHER_SHARD, reporting, SHARD, THROTTLED, THROWN, type World } from './world.ts'

/** Time enough for any number of retries that these tests wait for. */
const LONG_MS = 600_000

function sizes(world: World): number[] {
  return world.batches().map((batch) => batch.length)
}

/** A key for each of two lanes. */
function keysOfTwoLanes(): { readonly stuck: string; readonly free: string } {
  const stuck = 'JFK'
  const others = Array.from({ length: 100 }, (_, index) => `key-${index}`)
  const free = others.find((key) => laneOfKey(key, 2) !== laneOfKey(stuck, 2))
  if (free === undefined) throw new Error('all keys share a lane')
  return { stuck, free }
}

/** A record as it must stand in the event. */
function recordJson(sequenceNumber: string, partitionKey: string, data: string): string {
  return (
    `{"kinesis":{"kinesisSchemaVersion":"1.0","partitionKey":"${partitionKey}",` +
    `"sequenceNumber":"${sequenceNumber}","data":"${data}","approximateArrivalTimestamp":1700000000},` +
    `"eventSource":"aws:kinesis","eventVersion":"1.0","eventID":"${SHARD}:${sequenceNumber}",` +
    `"eventName":"aws:kinesis:record","invokeIdentityArn":"arn:aws:iam::000000000000:role/flights",` +
    `"awsRegion":"eu-west-1","eventSourceARN":"arn:aws:kinesis:eu-west-1:000000000000:stream/flights"}`
  )
}

describe('batches', () => {
  it('30 records and a batch size of 10 are delivered as 10, 10 and 10, in order', async () => {
    const world = createWorld()
    const put = world.put(30)
    world.mapping.start()
    await world.clock.settle()
    expect(sizes(world)).toEqual([10, 10, 10])
    expect(world.batches().flat()).toEqual(put)
  })

  it('without a window a single record is sent at once', async () => {
    const world = createWorld({ batchSize: 100 })
    world.put(1)
    world.mapping.start()
    await world.clock.settle()
    expect(sizes(world)).toEqual([1])
    expect(world.invocations[0]?.atMs).toBe(world.clock.nowMs())
  })

  it('with a window the records of its whole length go together, at its end', async () => {
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

  it('a payload is cut before 6 MB, and the rest follows', async () => {
    const world = createWorld()
    for (let number = 0; number < 9; number += 1) world.source.put(SHARD, 'JFK', new Uint8Array(1_000_000))
    world.mapping.start()
    await world.clock.settle()
    expect(sizes(world)).toEqual([4, 4, 1])
    for (const { payload } of world.invocations)
      expect(Buffer.byteLength(payload)).toBeLessThan(6 * 1024 * 1024)
  })

  it('a record too large for any payload uses up its retries without an invocation; the next is delivered', async () => {
    const world = createWorld({ maximumRetryAttempts: 2 })
    const large = world.source.put(SHARD, 'JFK', new Uint8Array(5 * 1024 * 1024))
    const small = world.source.put(SHARD, 'JFK')
    world.mapping.start()
    await world.clock.advance(LONG_MS)
    expect(world.batches()).toEqual([[small]])
    expect(world.discarded).toMatchObject([
      { attempts: 3, failure: { reason: 'payload-too-large' }, records: [{ sequenceNumber: large }] },
    ])
    expect(world.mapping.stats()).toMatchObject({
      attempts: { 'payload-too-large': 3, succeeded: 1 },
      recordsDelivered: 1,
    })
  })

  it('never mix shards, and a shard that is blocked does not hold up another', async () => {
    const world = createWorld({}, ({ shardId }) => (shardId === SHARD ? undefined : OK), {
      shardIds: [SHARD, OTHER_SHARD],
    })
    const ofShard = new Map<string, string[]>([
      [SHARD, []],
      [OTHER_SHARD, []],
    ])
    for (let number = 0; number < 30; number += 1) {
      const shardId = number % 2 === 0 ? SHARD : OTHER_SHARD
      ofShard.get(shardId)?.push(world.source.put(shardId, 'JFK'))
    }
    world.mapping.start()
    await world.clock.settle()
    const delivered = (shardId: string): (readonly string[])[] =>
      world.invocations.filter((call) => call.shardId === shardId).map((call) => call.sequenceNumbers)
    expect(delivered(SHARD)).toEqual([ofShard.get(SHARD)?.slice(0, 10)])
    expect(delivered(OTHER_SHARD)).toEqual([
      ofShard.get(OTHER_SHARD)?.slice(0, 10),
      ofShard.get(OTHER_SHARD)?.slice(10),
    ])
  })

  it('an event holds the records as AWS writes them', async () => {
    const world = createWorld()
    world.source.put(SHARD, 'JFK', Buffer.from('a'))
    world.source.put(SHARD, 'LHR', Buffer.from('b'))
    world.mapping.start()
    await world.clock.settle()
    expect(world.invocations[0]?.payload).toBe(
      `{"Records":[${recordJson('7', 'JFK', 'YQ==')},${recordJson('8', 'LHR', 'Yg==')}]}`,
    )
  })
})

describe('reading', () => {
  it('LATEST passes by what was there at the start and takes what comes; TRIM_HORIZON takes both', async () => {
    const delivered: string[][] = []
    for (const startingPosition of ['LATEST', 'TRIM_HORIZON'] as const) {
      const world = createWorld({ startingPosition })
      world.put(2)
      world.mapping.start()
      await world.clock.settle()
      world.put(1)
      await world.clock.advance(1_000)
      delivered.push(world.batches().flat())
    }
    expect(delivered).toEqual([['9'], ['7', '8', '9']])
  })

  it('pauses for a second where there is nothing, and not at all while there are records', async () => {
    const world = createWorld()
    const beganMs = world.clock.nowMs()
    world.mapping.start()
    await world.clock.advance(1_500)
    world.put(1)
    await world.clock.advance(1_000)
    expect(world.source.reads.map(({ atMs }) => atMs - beganMs)).toEqual([0, 1_000, 2_000, 2_000])
  })

  it('takes the poll interval that is set', async () => {
    const world = createWorld({ pollIntervalMs: 100 })
    world.mapping.start()
    await world.clock.advance(1_000)
    expect(world.source.reads).toHaveLength(11)
  })

  it('goes on after an error of the source, which is reported, and loses nothing', async () => {
    const world = createWorld()
    const failure = new Error('the source is away')
    world.source.failure = failure
    world.put(3)
    world.mapping.start()
    await world.clock.settle()
    expect(world.errors).toEqual([failure])
    expect(world.batches()).toEqual([])
    world.source.failure = undefined
    await world.clock.advance(1_000)
    expect(world.batches()).toEqual([['7', '8', '9']])
  })

  it('stops while a lane is stuck, however long, and resumes with it', async () => {
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
    expect(world.mapping.isDrained()).toBe(true)
  })
})

describe('lanes', () => {
  it('as many batches as the factor are in flight for each shard, never more', async () => {
    const world = createWorld({ parallelizationFactor: 4 }, () => undefined, {
      shardIds: [SHARD, OTHER_SHARD],
    })
    for (let number = 0; number < 400; number += 1) {
      world.source.put(number % 2 === 0 ? SHARD : OTHER_SHARD, `key-${number}`)
    }
    world.mapping.start()
    await world.clock.advance(LONG_MS)
    const inFlight = (shardId: string) => world.invocations.filter((call) => call.shardId === shardId)
    expect(inFlight(SHARD)).toHaveLength(4)
    expect(inFlight(OTHER_SHARD)).toHaveLength(4)
    expect(world.mapping.stats().lanesBusy).toBe(8)
    for (const call of world.invocations) call.answer(OK)
    await world.clock.settle()
    expect(inFlight(SHARD)).toHaveLength(8)
  })

  it('a key is in one batch at a time, and its records are in order', async () => {
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

  it('a stuck lane holds the checkpoint, not its siblings', async () => {
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
    expect(world.mapping.checkpoints()).toEqual({ [SHARD]: before })
    expect(world.mapping.isDrained()).toBe(false)
    isStuck = false
    await world.clock.advance(60_000)
    expect(world.mapping.checkpoints()).toEqual({ [SHARD]: behind.at(-1) })
    expect(world.mapping.isDrained()).toBe(true)
  })
})

describe('answers', () => {
  it('without reporting a list of failures is ignored', async () => {
    const world = createWorld({ reportBatchItemFailures: false }, () => reporting('8'))
    world.put(3)
    world.mapping.start()
    await world.clock.advance(LONG_MS)
    expect(world.batches()).toEqual([['7', '8', '9']])
    expect(world.mapping.isDrained()).toBe(true)
  })

  it('a partial failure is redelivered from the lowest record on, at once, under a new request id', async () => {
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
    const [first, second] = world.invocations
    expect(second?.atMs).toBe(first?.atMs)
    expect(second?.requestId).not.toBe(first?.requestId)
    expect(world.mapping.stats().attempts).toEqual({ 'partly-failed': 1, succeeded: 1 })
  })

  it('a record that fails for ever is delivered once more than its retries, then goes with all behind it', async () => {
    const world = createWorld({ maximumRetryAttempts: 2 }, () => reporting('9'))
    world.put(5)
    world.mapping.start()
    await world.clock.advance(LONG_MS)
    const rest = ['9', '10', '11']
    expect(world.batches()).toEqual([['7', '8', '9', '10', '11'], rest, rest, rest])
    expect(new Set(world.invocations.slice(1).map(({ requestId }) => requestId)).size).toBe(1)
    expect(world.discarded.map(({ records }) => records.map(({ sequenceNumber }) => sequenceNumber))).toEqual(
      [rest],
    )
    expect(world.discarded[0]).toMatchObject({ attempts: 3, failure: { reason: 'first-record-failed' } })
  })

  it('a malformed answer has the whole batch delivered again', async () => {
    let calls = 0
    const world = createWorld({}, () => {
      calls += 1
      return calls === 1 ? reporting('8', '') : OK
    })
    world.put(3)
    world.mapping.start()
    await world.clock.advance(1_000)
    expect(world.batches()).toEqual([
      ['7', '8', '9'],
      ['7', '8', '9'],
    ])
    expect(world.mapping.stats().attempts).toEqual({ 'invalid-response': 1, succeeded: 1 })
  })
})

describe('retries', () => {
  it.each([0, 1, 2, 3])(
    '%i retries are one invocation more, all with one request id',
    async (maximumRetryAttempts) => {
      const world = createWorld({ maximumRetryAttempts }, ({ sequenceNumbers }) =>
        sequenceNumbers.includes('7') ? THROWN : OK,
      )
      world.put(11)
      world.mapping.start()
      await world.clock.advance(LONG_MS)
      const failing = world.invocations.filter((call) => call.sequenceNumbers.includes('7'))
      expect(failing).toHaveLength(maximumRetryAttempts + 1)
      expect(new Set(failing.map(({ requestId }) => requestId)).size).toBe(1)
      expect(world.discarded).toMatchObject([
        {
          shardId: SHARD,
          requestId: failing[0]?.requestId,
          condition: 'RetryAttemptsExhausted',
          attempts: maximumRetryAttempts + 1,
          failure: { reason: 'function-error', errorMessage: 'thrown by the function' },
        },
      ])
      expect(world.discarded[0]?.records).toHaveLength(10)
      expect(world.batches().at(-1)).toEqual(['17'])
      expect(world.mapping.isDrained()).toBe(true)
    },
  )

  it('wait about 200 ms and twice as long each time', async () => {
    const world = createWorld({ maximumRetryAttempts: 4 }, () => THROWN, { random: () => 0 })
    world.put(1)
    world.mapping.start()
    await world.clock.advance(LONG_MS)
    const times = world.invocations.map(({ atMs }) => atMs)
    expect(times.slice(1).map((atMs, index) => atMs - (times[index] ?? 0))).toEqual([180, 360, 720, 1_440])
  })

  it('go on without end by default, and nothing is discarded', async () => {
    const world = createWorld({}, () => THROWN)
    world.put(1)
    world.mapping.start()
    await world.clock.advance(24 * 3_600_000)
    expect(world.invocations.length).toBeGreaterThan(2_000)
    expect(world.discarded).toEqual([])
    expect(world.mapping.checkpoints()).toEqual({})
  })

  it('are not used up by throttles or by a service that cannot be reached, and the request id stays', async () => {
    const refusal = new Error('connection refused')
    const answers = [THROTTLED, refusal, THROTTLED, OK]
    const world = createWorld({ maximumRetryAttempts: 0 }, () => answers.shift())
    world.put(2)
    world.mapping.start()
    await world.clock.advance(LONG_MS)
    expect(world.batches()).toEqual([
      ['7', '8'],
      ['7', '8'],
      ['7', '8'],
      ['7', '8'],
    ])
    expect(new Set(world.invocations.map(({ requestId }) => requestId)).size).toBe(1)
    expect(world.discarded).toEqual([])
    expect(world.errors).toEqual([refusal])
    expect(world.mapping.stats()).toMatchObject({
      attempts: { throttled: 2, 'service-error': 1, succeeded: 1 },
      recordsDelivered: 2,
    })
  })
})

describe('stopping', () => {
  it('waits for the invocation in flight, keeps its outcome, and begins nothing more', async () => {
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
    expect(world.mapping.checkpoints()).toEqual({ [SHARD]: '16' })
    expect(world.clock.pendingTimers).toBe(0)
  })

  it('is undone by starting again, without loss and without a second delivery', async () => {
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
    'waits for a read in flight, whose %i records are there after starting again',
    async (count) => {
      const world = createWorld()
      const release = world.source.hold()
      const put = world.put(count)
      world.mapping.start()
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

  it('and starting again during a read delivers nothing twice', async () => {
    const world = createWorld()
    const release = world.source.hold()
    const put = world.put(2)
    world.mapping.start()
    const stopping = world.mapping.stop()
    world.mapping.start()
    release()
    await stopping
    await world.clock.settle()
    expect(world.batches().flat()).toEqual(put)
  })

  it('leaves no timer of a window that several reads fell into', async () => {
    const world = createWorld({ maximumBatchingWindowMs: 60_000 })
    world.mapping.start()
    for (let second = 0; second < 5; second += 1) {
      world.put(1)
      await world.clock.advance(1_000)
    }
    expect(world.clock.pendingTimers).toBe(2)
    await world.mapping.stop()
    expect(world.clock.pendingTimers).toBe(0)
  })

  it('leaves a batch that waits for its retry, and starting again delivers it', async () => {
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
    expect(world.mapping.isDrained()).toBe(true)
  })
})

describe('starting over', () => {
  it('delivers everything again from the starting position, with new request ids', async () => {
    const world = createWorld()
    const put = world.put(20)
    world.mapping.start()
    await world.clock.settle()
    await world.mapping.startOver()
    await world.clock.settle()
    expect(world.batches().flat()).toEqual([...put, ...put])
    expect(new Set(world.invocations.map(({ requestId }) => requestId)).size).toBe(4)
    expect(world.mapping.isDrained()).toBe(true)
  })

  it('waits for what is in flight and forgets its outcome', async () => {
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
    let drained = false
    const draining = world.mapping.drained().then(() => {
      drained = true
      return drained
    })
    world.mapping.start()
    await world.clock.settle()
    world.invocations[0]?.answer(OK)
    await world.clock.settle()
    expect([drained, world.mapping.isDrained()]).toEqual([false, false])
    world.invocations[1]?.answer(OK)
    await draining
    expect(world.mapping.isDrained()).toBe(true)
  })

  it('sees a record that is not read yet', async () => {
    const world = createWorld()
    world.mapping.start()
    await world.clock.settle()
    expect(world.mapping.isDrained()).toBe(true)
    world.put(1)
    expect(world.mapping.isDrained()).toBe(false)
  })

  it('of a stream without records is over with the start', async () => {
    const world = createWorld()
    const draining = world.mapping.drained()
    expect(world.mapping.isDrained()).toBe(false)
    world.mapping.start()
    await expect(draining).resolves.toBeUndefined()
  })

  it('that is cut short by a stop is told so', async () => {
    const world = createWorld({}, () => THROWN)
    world.put(1)
    world.mapping.start()
    await world.clock.settle()
    const draining = world.mapping.drained()
    await Promise.all([
      expect(draining).rejects.toThrow('was stopped before it was drained'),
      world.mapping.stop(),
    ])
  })
})

describe('what is measured', () => {
  it('the iterator age is that of the last record when its batch was sent', async () => {
    const world = createWorld({ maximumBatchingWindowMs: 5_000 })
    expect(world.mapping.stats().iteratorAgeMs).toBeUndefined()
    world.put(1)
    world.mapping.start()
    await world.clock.advance(1_500)
    world.put(1)
    await world.clock.advance(60_000)
    expect(world.batches()).toEqual([['7', '8']])
    expect(world.mapping.stats()).toEqual({
      attempts: { succeeded: 1 },
      recordsDelivered: 2,
      iteratorAgeMs: 3_500,
      lanesBusy: 0,
    })
  })

  it('a report that fails is reported, and the lane goes on', async () => {
    const failure = new Error('nobody takes it')
    const onDiscard = (): never => {
      throw failure
    }
    const world = createWorld(
      { maximumRetryAttempts: 0, batchSize: 1 },
      ({ sequenceNumbers }) => (sequenceNumbers.includes('7') ? THROWN : OK),
      { onDiscard },
    )
    world.put(2)
    world.mapping.start()
    await world.clock.advance(LONG_MS)
    expect(world.errors).toEqual([failure])
    expect(world.batches()).toEqual([['7'], ['8']])
    expect(world.mapping.isDrained()).toBe(true)
  })
})
