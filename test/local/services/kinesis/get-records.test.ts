import {
  GetRecordsCommand,
  type GetRecordsCommandInput,
  GetShardIteratorCommand,
} from '@aws-sdk/client-kinesis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Shard } from '../../../../local/services/kinesis/shard.ts'
import { bytes, START_MS, startTestKinesis } from './start-test-kinesis.ts'

const MEBIBYTE = 1024 * 1024
const DAY_MS = 86_400_000
const SHARD_ID = 'shardId-000000000000'
let kinesis: Awaited<ReturnType<typeof startTestKinesis>>

beforeAll(async () => {
  kinesis = await startTestKinesis()
})
afterAll(() => kinesis.close())

function newShard(streamName: string): Shard {
  return kinesis.streams.create(streamName, { shardCount: 1 }).shard(SHARD_ID)
}

async function horizon(StreamName: string): Promise<string | undefined> {
  const place = { StreamName, ShardId: SHARD_ID, ShardIteratorType: 'TRIM_HORIZON' as const }
  return (await kinesis.client.send(new GetShardIteratorCommand(place))).ShardIterator
}

function get(input: GetRecordsCommandInput) {
  return kinesis.client.send(new GetRecordsCommand(input))
}

async function read(ShardIterator: string | undefined, Limit?: number) {
  const { Records = [], NextShardIterator, MillisBehindLatest } = await get({ ShardIterator, Limit })
  return { Records, next: NextShardIterator, behindMs: MillisBehindLatest }
}

test('a record comes back as it was written, its time to the millisecond', async () => {
  const { sequenceNumber } = newShard('one').append('ü', bytes('\0ü'), START_MS + 1)
  const { Records } = await read(await horizon('one'))
  expect(Records).toEqual([
    {
      SequenceNumber: sequenceNumber,
      PartitionKey: 'ü',
      ApproximateArrivalTimestamp: new Date(START_MS + 1),
      Data: bytes('\0ü'),
    },
  ])
})

test('following the iterators reads every record once, and then what is written later', async () => {
  const shard = newShard('many')
  for (let index = 0; index < 7; index += 1) shard.append(String(index), bytes(''), START_MS)
  const keys: (string | undefined)[] = []
  let iterator = await horizon('many')
  for (let call = 0; call < 4; call += 1) {
    const { Records, next } = await read(iterator, 3)
    keys.push(...Records.map(({ PartitionKey }) => PartitionKey))
    iterator = next
  }
  expect(keys).toEqual(['0', '1', '2', '3', '4', '5', '6'])
  shard.append('7', bytes(''), START_MS)
  expect((await read(iterator)).Records.map(({ PartitionKey }) => PartitionKey)).toEqual(['7'])
})

test('an answer holds 10,000 records, whether that is asked or not, and no more can be asked', async () => {
  const shard = newShard('full')
  for (let index = 0; index < 10_001; index += 1) shard.append('a', bytes(''), START_MS)
  const iterator = await horizon('full')
  const unasked = await read(iterator)
  expect(unasked.Records).toHaveLength(10_000)
  expect((await read(unasked.next)).Records).toHaveLength(1)
  expect((await read(iterator, 10_000)).Records).toHaveLength(10_000)
  await expect(read(iterator, 10_001)).rejects.toMatchObject({ name: 'ValidationException' })
  await expect(read(iterator, 0)).rejects.toMatchObject({ name: 'ValidationException' })
})

test('an answer holds 10 MiB, keys included, and the rest comes next', async () => {
  const shard = newShard('large')
  for (let index = 0; index < 10; index += 1) shard.append('a', new Uint8Array(MEBIBYTE - 1), START_MS)
  shard.append('b', bytes(''), START_MS)
  const { Records, next } = await read(await horizon('large'))
  expect(Records).toHaveLength(10)
  expect((await read(next)).Records.map(({ PartitionKey }) => PartitionKey)).toEqual(['b'])
})

test('a record larger than an answer may be still comes, alone, so that a reader never stands still', async () => {
  const shard = newShard('huge')
  shard.append('a', new Uint8Array(10 * MEBIBYTE), START_MS)
  shard.append('b', bytes(''), START_MS)
  const { Records, next } = await read(await horizon('huge'))
  expect(Records.map(({ PartitionKey }) => PartitionKey)).toEqual(['a'])
  expect((await read(next)).Records.map(({ PartitionKey }) => PartitionKey)).toEqual(['b'])
})

test('the lag is the age of the last record read, and 0 at the tip', async () => {
  const shard = newShard('lagging')
  shard.append('a', bytes(''), START_MS)
  shard.append('b', bytes(''), START_MS + 1000)
  kinesis.clock.nowMs = START_MS + 3000
  const first = await read(await horizon('lagging'), 1)
  expect(first.behindMs).toBe(3000)
  const second = await read(first.next, 1)
  expect(second.behindMs).toBe(0)
  expect((await read(second.next)).behindMs).toBe(0)
})

test('an iterator is good for 5 minutes, one that a read gave counts from that read', async () => {
  newShard('expiring')
  const iterator = await horizon('expiring')
  kinesis.clock.nowMs += 300_000
  const { next } = await read(iterator)
  kinesis.clock.nowMs += 1
  await expect(read(iterator)).rejects.toMatchObject({ name: 'ExpiredIteratorException' })
  await expect(read(next)).resolves.toMatchObject({ Records: [] })
})

test.each(['abc', Buffer.from('{"streamArn":1}').toString('base64'), Buffer.from('[]').toString('base64')])(
  '"%s" is not taken for an iterator',
  async (iterator) => {
    await expect(read(iterator)).rejects.toMatchObject({
      name: 'InvalidArgumentException',
      message: 'Invalid ShardIterator.',
    })
  },
)

test('at the end of a closed shard there is no further iterator, but the children', async () => {
  const shard = newShard('closing')
  const stream = kinesis.streams.get('closing')
  const empty = await horizon('closing')
  for (const key of ['a', 'b']) shard.append(key, bytes(''), START_MS)
  const start = await horizon('closing')
  stream.split(shard, 5n)
  const first = await get({ ShardIterator: start, Limit: 1 })
  expect(first.ChildShards).toBeUndefined()
  const last = await get({ ShardIterator: first.NextShardIterator, Limit: 1 })
  expect(last.Records?.map(({ PartitionKey }) => PartitionKey)).toEqual(['b'])
  expect(last.NextShardIterator).toBeUndefined()
  expect(last.ChildShards).toEqual([
    {
      ShardId: 'shardId-000000000001',
      ParentShards: [SHARD_ID],
      HashKeyRange: { StartingHashKey: '0', EndingHashKey: '4' },
    },
    {
      ShardId: 'shardId-000000000002',
      ParentShards: [SHARD_ID],
      HashKeyRange: { StartingHashKey: '5', EndingHashKey: String(2n ** 128n - 1n) },
    },
  ])
  expect(last.MillisBehindLatest).toBe(0)
  expect((await get({ ShardIterator: empty })).Records).toHaveLength(2)
})

test('an iterator at a trimmed record reads from the oldest one on', async () => {
  const shard = newShard('trimmed')
  const { nowMs } = kinesis.clock
  shard.append('old', bytes(''), nowMs)
  shard.append('new', bytes(''), nowMs + 200_000)
  kinesis.clock.nowMs += DAY_MS
  const iterator = await horizon('trimmed')
  expect((await read(iterator)).Records).toHaveLength(2)
  kinesis.clock.nowMs += 1
  expect((await read(iterator)).Records.map(({ PartitionKey }) => PartitionKey)).toEqual(['new'])
  kinesis.clock.nowMs += 200_000
  const { Records, next } = await read(iterator)
  expect(Records).toEqual([])
  shard.append('newest', bytes(''), kinesis.clock.nowMs)
  expect((await read(next)).Records.map(({ PartitionKey }) => PartitionKey)).toEqual(['newest'])
})

test('a shard that has expired is read no more', async () => {
  const shard = newShard('expired')
  kinesis.streams.get('expired').split(shard, 5n)
  kinesis.clock.nowMs += DAY_MS
  const iterator = await horizon('expired')
  await expect(read(iterator)).resolves.toMatchObject({ Records: [] })
  kinesis.clock.nowMs += 1
  await expect(read(iterator)).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
})

test('with limits the sixth call of a second is refused and reads nothing, the others read on', async () => {
  const stream = kinesis.streams.create('limited', { shardCount: 1, limits: true })
  const iterator = await horizon('limited')
  for (let call = 0; call < 5; call += 1) await read(iterator)
  await expect(read(iterator)).rejects.toMatchObject({
    name: 'ProvisionedThroughputExceededException',
    message: 'Rate exceeded for shard shardId-000000000000 in stream limited under account 123456789012.',
  })
  expect(stream.throttledReads).toBe(1)
  kinesis.clock.nowMs += 1000
  await expect(read(iterator)).resolves.toMatchObject({ Records: [] })
})

test('with limits a call that gave 10 MiB is the only one for 5 seconds', async () => {
  const [shard] = kinesis.streams.create('draining', { shardCount: 1, limits: true }).shards
  for (let index = 0; index < 10; index += 1) {
    shard?.append('a', new Uint8Array(MEBIBYTE - 1), kinesis.clock.nowMs)
  }
  const { Records, next } = await read(await horizon('draining'))
  expect(Records).toHaveLength(10)
  kinesis.clock.nowMs += 4999
  await expect(read(next)).rejects.toMatchObject({ name: 'ProvisionedThroughputExceededException' })
  kinesis.clock.nowMs += 1
  await expect(read(next)).resolves.toMatchObject({ Records: [] })
})
