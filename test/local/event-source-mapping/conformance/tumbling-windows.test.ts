import { expect, it } from 'vitest'
import { createWorld, numbersOf, SHARD, type Script, THROWN, type World } from '../world.ts'

const WINDOW_MS = 10_000
const WINDOWED = { tumblingWindowMs: WINDOW_MS, batchSize: 1 }
const timeOf = (timeMs: number): string => new Date(timeMs).toISOString().replace('.000Z', 'Z')

/** A function that counts: its state is how many records its window has had. */
const counting: Script = ({ event }) => {
  const { state = {}, Records } = event
  const seen = isCount(state) ? state.seen : 0
  return { outcome: 'answered', payload: JSON.stringify({ state: { seen: seen + Records.length } }) }
}

function isCount(state: unknown): state is { readonly seen: number } {
  return typeof state === 'object' && state !== null && 'seen' in state
}

/** What each call got: its records, its state, and whether it was the last of its window. */
function calls(world: World) {
  return world.invocations.map(({ sequenceNumbers, event }) => ({
    records: sequenceNumbers,
    state: event.state,
    isFinal: event.isFinalInvokeForWindow,
  }))
}

/** A world whose time is at the beginning of a window. */
function windowedWorld(properties = {}, script: Script = counting, options = {}): World {
  return createWorld({ ...WINDOWED, ...properties }, script, options)
}

it('W1 an event names its window, carries its state and says whether it ends, in the order of AWS', async () => {
  const world = windowedWorld()
  const startMs = world.clock.nowMs()
  world.put(1)
  world.mapping.start()
  await world.clock.settle()
  const [call] = world.invocations
  expect(Object.keys(call?.event ?? {})).toEqual([
    'Records',
    'shardId',
    'eventSourceARN',
    'window',
    'state',
    'isFinalInvokeForWindow',
    'isWindowTerminatedEarly',
  ])
  expect(call?.event).toMatchObject({
    shardId: SHARD,
    eventSourceARN: world.source.streamArn,
    window: { start: timeOf(startMs), end: timeOf(startMs + WINDOW_MS) },
    state: {},
    isFinalInvokeForWindow: false,
    isWindowTerminatedEarly: false,
  })
})

it('W2 windows are aligned to multiples of their length, by the arrival of records', async () => {
  const world = windowedWorld({ batchSize: 10 })
  const startMs = world.clock.nowMs()
  for (const offsetMs of [1_000, 9_999, 10_000, 25_000]) {
    world.source.put(SHARD, 'JFK', { arrivalMs: startMs + offsetMs })
  }
  world.mapping.start()
  await world.clock.advance(30_000)
  const starts = world.invocations.map(({ event, sequenceNumbers }) => [event.window?.start, sequenceNumbers])
  expect(starts).toEqual([
    [timeOf(startMs), ['7', '8']],
    [timeOf(startMs), []],
    [timeOf(startMs + 10_000), ['9']],
    [timeOf(startMs + 10_000), []],
    [timeOf(startMs + 20_000), ['10']],
  ])
})

it('W3 the state that a call returns is what the next one gets, and a window begins with {}', async () => {
  const world = windowedWorld()
  world.put(3)
  world.mapping.start()
  await world.clock.settle()
  expect(calls(world)).toEqual([
    { records: ['7'], state: {}, isFinal: false },
    { records: ['8'], state: { seen: 1 }, isFinal: false },
    { records: ['9'], state: { seen: 2 }, isFinal: false },
  ])
})

it('W4 a record of a later window closes the one before with a last call without records', async () => {
  const world = windowedWorld()
  world.put(2)
  world.mapping.start()
  await world.clock.advance(30_000)
  expect(world.invocations).toHaveLength(2)
  world.put(1)
  await world.clock.advance(1_000)
  expect(calls(world).slice(2)).toEqual([
    { records: [], state: { seen: 2 }, isFinal: true },
    { records: ['9'], state: {}, isFinal: false },
  ])
})

it('W5 without a later record it is closed two minutes after its end', async () => {
  const world = windowedWorld()
  const startMs = world.clock.nowMs()
  world.put(1)
  world.mapping.start()
  await world.clock.advance(WINDOW_MS + 120_000 - 1)
  expect(world.invocations).toHaveLength(1)
  await world.clock.advance(1)
  expect(calls(world).at(-1)).toEqual({ records: [], state: { seen: 1 }, isFinal: true })
  expect(world.invocations.at(-1)?.atMs).toBe(startMs + WINDOW_MS + 120_000)
  await world.clock.advance(600_000)
  expect(world.invocations).toHaveLength(2)
})

it('W6 a last call that fails is tried again, holds up the shard, and is reported at last', async () => {
  const world = windowedWorld({ maximumRetryAttempts: 2 }, (call) =>
    call.event.isFinalInvokeForWindow === true ? THROWN : counting(call),
  )
  world.put(1)
  world.mapping.start()
  await world.clock.advance(WINDOW_MS)
  world.put(1)
  await world.clock.advance(30_000)
  expect(calls(world).map(({ isFinal }) => isFinal)).toEqual([false, true, true, true, false])
  expect(world.discarded).toMatchObject([
    { records: [], approximateInvokeCount: 3, window: { isFinal: true, isTerminatedEarly: false } },
  ])
  expect(calls(world).at(-1)).toEqual({ records: ['8'], state: {}, isFinal: false })
})

it('W6 or becomes too old', async () => {
  const world = windowedWorld({ maximumRecordAgeMs: 60_000 }, (call) =>
    call.event.isFinalInvokeForWindow === true ? THROWN : counting(call),
  )
  world.put(1)
  world.mapping.start()
  await world.clock.advance(WINDOW_MS)
  world.put(1)
  await world.clock.advance(50_000)
  expect(world.discarded).toEqual([])
  await world.clock.advance(20_000)
  expect(world.discarded[0]).toMatchObject({ records: [], reason: 'record-age-exceeded' })
})

it('W7 an answer without a state has failed, also a last one', async () => {
  for (const payload of ['null', '{}', '{"batchItemFailures":[]}', 'no JSON', '"state"']) {
    const world = windowedWorld({ maximumRetryAttempts: 0 }, () => ({ outcome: 'answered', payload }))
    const put = world.put(1)
    world.mapping.start()
    await world.clock.settle()
    expect(world.discarded.map(numbersOf)).toEqual([put])
    expect(world.discarded).toMatchObject([{ failure: { reason: 'invalid-response' } }])
  }
})

it('W7 a partial answer keeps the state of what was done', async () => {
  const world = windowedWorld({ batchSize: 3 }, (call) =>
    call.sequenceNumbers.length === 3
      ? {
          outcome: 'answered',
          payload: '{"state":{"seen":1},"batchItemFailures":[{"itemIdentifier":"8"}]}',
        }
      : counting(call),
  )
  world.put(3)
  world.mapping.start()
  await world.clock.settle()
  expect(calls(world)).toEqual([
    { records: ['7', '8', '9'], state: {}, isFinal: false },
    { records: ['8', '9'], state: { seen: 1 }, isFinal: false },
  ])
})

it('W8 a state over 1 MB ends its window early, with a call that carries all of it', async () => {
  const large = 'x'.repeat(1024 * 1024)
  const world = windowedWorld({}, ({ event }) => ({
    outcome: 'answered',
    payload: JSON.stringify({ state: event.isWindowTerminatedEarly === true ? {} : { large } }),
  }))
  world.put(1)
  world.mapping.start()
  await world.clock.settle()
  expect(world.invocations[1]?.event).toMatchObject({
    Records: [],
    state: { large },
    isFinalInvokeForWindow: true,
    isWindowTerminatedEarly: true,
  })
  await world.clock.advance(WINDOW_MS)
  world.put(1)
  await world.clock.advance(1_000)
  expect(world.invocations[2]?.event).toMatchObject({ state: {}, isWindowTerminatedEarly: false })
})

it('W9 the end of a shard closes its window; its children begin with {}', async () => {
  const world = windowedWorld({}, counting, { shardIds: ['parent'] })
  world.source.put('parent', 'JFK')
  world.mapping.start()
  await world.clock.settle()
  world.source.addShard('child', ['parent'])
  world.source.put('child', 'JFK')
  await world.clock.advance(1_000)
  expect(
    world.invocations.map(({ shardId, event }) => [shardId, event.state, event.isFinalInvokeForWindow]),
  ).toEqual([
    ['parent', {}, false],
    ['parent', { seen: 1 }, true],
    ['child', {}, false],
  ])
})

it('W10 windows go with a factor of 1 and without filters only', () => {
  expect(() => windowedWorld({ parallelizationFactor: 2 })).toThrow(
    'Parallelization factor must be equal to 1 when tumbling window period is configured',
  )
  expect(() => windowedWorld({ filterPatterns: ['{"data":{"a":[1]}}'] })).toThrow('tumblingWindowMs')
})

it('W10 and an update that would break that is refused and changes nothing', async () => {
  const world = windowedWorld()
  await expect(world.mapping.update({ parallelizationFactor: 2 })).rejects.toThrow('tumbling window')
  await world.mapping.update({ parallelizationFactor: 1, tumblingWindowMs: 1_000 })
  world.put(1)
  world.mapping.start()
  await world.clock.settle()
  const { start = '', end = '' } = world.invocations[0]?.event.window ?? {}
  expect(Date.parse(end) - Date.parse(start)).toBe(1_000)
})

it('W11 the state is part of the checkpoint: a mapping made anew goes on with it', async () => {
  const world = windowedWorld()
  world.put(2)
  world.mapping.start()
  await world.clock.settle()
  await world.mapping.stop()
  const successor = windowedWorld({}, counting, { on: world, checkpoints: world.mapping.checkpoints() })
  world.put(1)
  successor.mapping.start()
  await world.clock.settle()
  expect(calls(successor)).toEqual([{ records: ['9'], state: { seen: 2 }, isFinal: false }])
})

it('W11 but not with that of a mapping without windows, or with others', async () => {
  const world = windowedWorld()
  world.put(1)
  world.mapping.start()
  await world.clock.settle()
  await world.mapping.stop()
  const checkpoints = world.mapping.checkpoints()
  const others = [
    createWorld({ batchSize: 1, parallelizationFactor: 3 }, counting, { on: world, checkpoints }),
    windowedWorld({ tumblingWindowMs: 60_000 }, counting, { on: world, checkpoints }),
  ]
  world.put(1)
  for (const { mapping } of others) mapping.start()
  await world.clock.settle()
  const [plain, longer] = others.map(({ invocations }) =>
    invocations.map(({ event }) => [event.state, event.Records.length]),
  )
  expect(plain).toEqual([[undefined, 1]])
  expect(longer).toEqual([[{}, 1]])
  expect(world.mapping.checkpoints()).toEqual(checkpoints)
})

it('W12 windows of another length drop the one that is open', async () => {
  const world = windowedWorld()
  world.put(1)
  world.mapping.start()
  await world.clock.settle()
  await world.mapping.update({ tumblingWindowMs: 60_000 })
  world.put(1)
  await world.clock.advance(1_000)
  expect(calls(world)).toEqual([
    { records: ['7'], state: {}, isFinal: false },
    { records: ['8'], state: {}, isFinal: false },
  ])
})

it('W13 retries and halving work within a window', async () => {
  const world = windowedWorld(
    { batchSize: 4, bisectBatchOnFunctionError: true, maximumRetryAttempts: 0 },
    (call) => (call.sequenceNumbers.includes('8') ? THROWN : counting(call)),
  )
  world.put(4)
  world.mapping.start()
  await world.clock.settle()
  expect(calls(world)).toEqual([
    { records: ['7', '8', '9', '10'], state: {}, isFinal: false },
    { records: ['7', '8'], state: {}, isFinal: false },
    { records: ['7'], state: {}, isFinal: false },
    { records: ['8'], state: { seen: 1 }, isFinal: false },
    { records: ['9', '10'], state: { seen: 1 }, isFinal: false },
  ])
  expect(world.discarded).toMatchObject([{ window: { isFinal: false } }])
})

/** A record that takes so many bytes of its event, about. */
function putLarge(world: World, eventBytes: number): string {
  return world.source.put(SHARD, 'JFK', { data: new Uint8Array((eventBytes * 3) / 4 - 400) })
}

it('W14 what a window adds to its event never makes that too large: not before it is open', async () => {
  const world = windowedWorld({ batchSize: 10, maximumRetryAttempts: 0 })
  const half = 3 * 1024 * 1024
  putLarge(world, half)
  putLarge(world, half - 100)
  world.mapping.start()
  await world.clock.settle()
  expect(world.discarded).toEqual([])
  expect(calls(world).map(({ records }) => records)).toEqual([['7'], ['8']])
})

it('W14 and not when the state has grown since its records were gathered', async () => {
  const large = 'x'.repeat(1_000_000)
  const world = windowedWorld({ batchSize: 10, maximumRetryAttempts: 0 }, (call) =>
    call.sequenceNumbers.length === 3
      ? {
          outcome: 'answered',
          payload: JSON.stringify({ state: { large }, batchItemFailures: [{ itemIdentifier: '8' }] }),
        }
      : { outcome: 'answered', payload: JSON.stringify({ state: call.event.state }) },
  )
  world.put(1)
  putLarge(world, 2_900_000)
  putLarge(world, 2_900_000)
  world.mapping.start()
  await world.clock.settle()
  expect(world.discarded).toEqual([])
  expect(calls(world).map(({ records }) => records)).toEqual([['7', '8', '9'], ['8'], ['9']])
})

it('W15 records that are too old are reported with their own window, and a report holds one', async () => {
  const world = windowedWorld({ batchSize: 10, maximumRecordAgeMs: 60_000 })
  const startMs = world.clock.nowMs()
  for (const offsetMs of [1_000, 2_000, 11_000])
    world.source.put(SHARD, 'JFK', { arrivalMs: startMs + offsetMs })
  await world.clock.advance(10 * 60_000)
  world.mapping.start()
  await world.clock.settle()
  expect(world.discarded.map((batch) => [numbersOf(batch), batch.window?.startMs])).toEqual([
    [['7', '8'], startMs],
    [['9'], startMs + WINDOW_MS],
  ])
})
