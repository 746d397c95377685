import { SplitShardCommand } from '@aws-sdk/client-kinesis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestKinesis } from './start-test-kinesis.ts'

const [FIRST, SECOND] = ['shardId-000000000000', 'shardId-000000000001']
const HALF = 2n ** 127n
let kinesis: Awaited<ReturnType<typeof startTestKinesis>>

beforeAll(async () => {
  kinesis = await startTestKinesis()
})
afterAll(() => kinesis.close())

function split(StreamName: string, ShardToSplit: string, hashKey: bigint) {
  const input = { StreamName, ShardToSplit, NewStartingHashKey: String(hashKey) }
  return kinesis.client.send(new SplitShardCommand(input))
}

test('a shard is split where it is said, and keys below go to the first child, others to the second', async () => {
  const stream = kinesis.streams.create('flights', { shardCount: 2 })
  await split('flights', SECOND, HALF + 5n)
  const put = (hashKey: bigint) =>
    stream.put({ partitionKey: 'a', data: new Uint8Array(), hashKey: hashKey.toString(16) })
  expect(put(HALF + 4n)).toMatchObject({ shardId: 'shardId-000000000002' })
  expect(put(HALF + 5n)).toMatchObject({ shardId: 'shardId-000000000003' })
  expect(stream.shards.map(({ end }) => end !== undefined)).toEqual([false, true, false, false])
})

test.each([
  ['the start of the range', HALF],
  ['one more than the start', HALF + 1n],
  ['the end of the range', 2n ** 128n - 1n],
  ['a key of another shard', 7n],
])('a split at %s (%d) is refused', async (_where, hashKey) => {
  const stream = kinesis.streams.create(`not-at-${hashKey}`, { shardCount: 2 })
  await expect(split(stream.name, SECOND, hashKey)).rejects.toMatchObject({
    name: 'InvalidArgumentException',
    message: expect.stringContaining(
      "is not both greater than one plus the shard's StartingHashKey",
    ) as string,
  })
  expect(stream.shards).toHaveLength(2)
})

test.each([
  ['two more than the start', HALF + 2n],
  ['one less than the end', 2n ** 128n - 2n],
])('a split at %s (%d) is made', async (_where, hashKey) => {
  const stream = kinesis.streams.create(`at-${hashKey}`, { shardCount: 2 })
  await split(stream.name, SECOND, hashKey)
  expect(stream.shards).toHaveLength(4)
})

test('a closed shard, one that is not there and one of a stream on demand are not split', async () => {
  kinesis.streams.create('closed', { shardCount: 1 })
  await split('closed', FIRST, HALF)
  await expect(split('closed', FIRST, HALF)).rejects.toMatchObject({
    name: 'InvalidArgumentException',
    message: expect.stringContaining('has already been merged or split') as string,
  })
  await expect(split('closed', 'shardId-000000000009', HALF)).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: 'Could not find shard shardId-000000000009 in stream closed under account 123456789012.',
  })
  kinesis.streams.create('on-demand', { shardCount: 1, mode: 'ON_DEMAND' })
  await expect(split('on-demand', FIRST, HALF)).rejects.toMatchObject({ name: 'ValidationException' })
})

test('the last shard that the account may have is not split', async () => {
  const full = await startTestKinesis()
  full.streams.create('wide', { shardCount: 10_000 })
  const input = { StreamName: 'wide', ShardToSplit: FIRST, NewStartingHashKey: '5' }
  await expect(full.client.send(new SplitShardCommand(input))).rejects.toMatchObject({
    name: 'LimitExceededException',
  })
  await full.close()
})
