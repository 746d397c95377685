import type { GetShardIteratorCommandInput } from '@aws-sdk/client-kinesis'
import { GetRecordsCommand, GetShardIteratorCommand } from '@aws-sdk/client-kinesis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Shard } from '../../../../local/services/kinesis/shard.ts'
import { bytes, START_MS, startTestKinesis } from './start-test-kinesis.ts'

const SHARD_ID = 'shardId-000000000000'
let kinesis: Awaited<ReturnType<typeof startTestKinesis>>
let shard: Shard

beforeAll(async () => {
  kinesis = await startTestKinesis()
  const stream = kinesis.streams.create('flights', { shardCount: 2 })
  shard = stream.shard(SHARD_ID)
  for (const [key, afterMs] of [
    ['a', 0],
    ['b', 1003],
    ['c', 1003],
    ['d', 2007],
  ] as const) {
    shard.append(key, bytes(key), START_MS + afterMs)
  }
  kinesis.clock.nowMs = START_MS + 5000
})
afterAll(() => kinesis.close())

type Place = Partial<GetShardIteratorCommandInput>

async function iterator(place: Place): Promise<string | undefined> {
  const input = { StreamName: 'flights', ShardId: SHARD_ID, ShardIteratorType: undefined, ...place }
  return (await kinesis.client.send(new GetShardIteratorCommand(input))).ShardIterator
}

async function keysFrom(ShardIterator: string | undefined): Promise<string> {
  const { Records = [] } = await kinesis.client.send(new GetRecordsCommand({ ShardIterator }))
  return Records.map(({ PartitionKey }) => PartitionKey).join('')
}

test.each<[string, () => Place, string]>([
  ['the trim horizon', () => ({ ShardIteratorType: 'TRIM_HORIZON' }), 'abcd'],
  ['the latest place', () => ({ ShardIteratorType: 'LATEST' }), ''],
  [
    'a sequence number',
    () => ({
      ShardIteratorType: 'AT_SEQUENCE_NUMBER',
      StartingSequenceNumber: shard.records[2]?.sequenceNumber,
    }),
    'cd',
  ],
  [
    'after a sequence number',
    () => ({
      ShardIteratorType: 'AFTER_SEQUENCE_NUMBER',
      StartingSequenceNumber: shard.records[2]?.sequenceNumber,
    }),
    'd',
  ],
  [
    'after the start of the shard',
    () => ({
      ShardIteratorType: 'AFTER_SEQUENCE_NUMBER',
      StartingSequenceNumber: shard.startingSequenceNumber,
    }),
    'abcd',
  ],
  [
    'the time of a record to the millisecond',
    () => ({ ShardIteratorType: 'AT_TIMESTAMP', Timestamp: new Date(START_MS + 1003) }),
    'bcd',
  ],
  [
    'a time between records',
    () => ({ ShardIteratorType: 'AT_TIMESTAMP', Timestamp: new Date(START_MS + 1004) }),
    'd',
  ],
  [
    'a time before all records',
    () => ({ ShardIteratorType: 'AT_TIMESTAMP', Timestamp: new Date(0) }),
    'abcd',
  ],
])('from %s on the right records are read', async (_name, place, keys) => {
  expect(await keysFrom(await iterator(place()))).toBe(keys)
})

test('LATEST is the place when it was asked for, so what is written later is read', async () => {
  const latest = await iterator({ ShardIteratorType: 'LATEST', ShardId: 'shardId-000000000001' })
  kinesis.streams.get('flights').shard('shardId-000000000001').append('new', bytes(''), START_MS)
  expect(await keysFrom(latest)).toBe('new')
})

test('a millisecond that is no exact fraction of a second still finds its record', async () => {
  // 2.007 * 1000 is more than 2007 in floating point.
  const timeMs = 2007
  kinesis.clock.nowMs = timeMs
  kinesis.streams.create('old', { shardCount: 1 }).shards[0]?.append('x', bytes(''), timeMs)
  const place = { ShardIteratorType: 'AT_TIMESTAMP', Timestamp: new Date(timeMs) } as const
  expect(await keysFrom(await iterator({ StreamName: 'old', ...place }))).toBe('x')
  kinesis.clock.nowMs = START_MS + 5000
})

test.each<[string, Place]>([
  ['InvalidArgumentException', { ShardIteratorType: 'AT_SEQUENCE_NUMBER' }],
  ['InvalidArgumentException', { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: '1' }],
  ['InvalidArgumentException', { ShardIteratorType: 'AT_TIMESTAMP' }],
  ['InvalidArgumentException', { ShardIteratorType: 'AT_TIMESTAMP', Timestamp: new Date(START_MS + 5001) }],
  ['ResourceNotFoundException', { ShardIteratorType: 'LATEST', ShardId: 'shardId-000000000002' }],
  ['ResourceNotFoundException', { ShardIteratorType: 'LATEST', StreamName: 'other' }],
  ['ValidationException', {}],
])('%s is the answer to %j', async (name, place) => {
  await expect(iterator(place)).rejects.toMatchObject({ name })
})

test('a sequence number of another shard is refused and its shard is named', async () => {
  const StartingSequenceNumber = kinesis.streams.get('flights').shards[1]?.startingSequenceNumber
  await expect(
    iterator({ ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber }),
  ).rejects.toMatchObject({
    name: 'InvalidArgumentException',
    message: expect.stringContaining('It encodes shardId-000000000001'),
  })
})

test('places among trimmed records are the oldest record, in time too', async () => {
  const { shards, name } = kinesis.streams.create('trimmed', { shardCount: 1 })
  const { nowMs } = kinesis.clock
  const [trimmed, kept] = [nowMs, nowMs + 1].map((timeMs) => shards[0]?.append('x', bytes(''), timeMs))
  kinesis.clock.nowMs += 86_400_000 + 1
  for (const place of [
    { ShardIteratorType: 'TRIM_HORIZON' },
    { ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber: trimmed?.sequenceNumber },
    { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: trimmed?.sequenceNumber },
    { ShardIteratorType: 'AT_TIMESTAMP', Timestamp: new Date(nowMs) },
  ] as const) {
    expect(await keysFrom(await iterator({ StreamName: name, ...place }))).toBe('x')
  }
  const after = {
    ShardIteratorType: 'AFTER_SEQUENCE_NUMBER',
    StartingSequenceNumber: kept?.sequenceNumber,
  } as const
  expect(await keysFrom(await iterator({ StreamName: name, ...after }))).toBe('')
})

test('a closed shard is still read from anywhere, at its ending number nothing', async () => {
  const stream = kinesis.streams.create('closed', { shardCount: 1 })
  const [closed] = stream.shards
  if (closed === undefined) throw new Error('no shard')
  for (const key of ['a', 'b']) closed.append(key, bytes(''), kinesis.clock.nowMs)
  stream.split(closed, 5n)
  const StreamName = 'closed'
  expect(await keysFrom(await iterator({ StreamName, ShardIteratorType: 'TRIM_HORIZON' }))).toBe('ab')
  expect(await keysFrom(await iterator({ StreamName, ShardIteratorType: 'LATEST' }))).toBe('')
  const StartingSequenceNumber = closed.end?.sequenceNumber
  const atEnd = { StreamName, ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber } as const
  expect(await keysFrom(await iterator(atEnd))).toBe('')
})
