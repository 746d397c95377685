import { MergeShardsCommand } from '@aws-sdk/client-kinesis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestKinesis } from './start-test-kinesis.ts'

const [FIRST = '', SECOND = '', THIRD = ''] = [0, 1, 2].map((index) => `shardId-00000000000${index}`)
let kinesis: Awaited<ReturnType<typeof startTestKinesis>>

beforeAll(async () => {
  kinesis = await startTestKinesis()
})
afterAll(() => kinesis.close())

function merge(StreamName: string, ShardToMerge: string, AdjacentShardToMerge: string) {
  return kinesis.client.send(new MergeShardsCommand({ StreamName, ShardToMerge, AdjacentShardToMerge }))
}

test.each([
  ['the lower one first', [FIRST, SECOND]],
  ['the upper one first', [SECOND, FIRST]],
])(
  'neighbours are merged, %s, and the child has the keys of both',
  async (order, [shard = '', adjacent = '']) => {
    const stream = kinesis.streams.create(order.replaceAll(' ', '-'), { shardCount: 3 })
    await merge(stream.name, shard, adjacent)
    const child = stream.shard('shardId-000000000003')
    expect(child.parentIds).toEqual([shard, adjacent])
    expect(child.hashKeyRange).toEqual({
      startingHashKey: '0',
      endingHashKey: stream.shard(SECOND).hashKeyRange.endingHashKey,
    })
    const outcome = stream.put({ partitionKey: 'a', data: new Uint8Array(), hashKey: '0'.repeat(32) })
    expect(outcome).toMatchObject({ shardId: 'shardId-000000000003' })
    expect(stream.openShards.map(({ shardId }) => shardId)).toEqual([child.shardId, THIRD])
  },
)

test.each([
  ['no neighbours', FIRST, THIRD, 'InvalidArgumentException', 'are not an adjacent pair of shards'],
  ['one shard twice', FIRST, FIRST, 'InvalidArgumentException', 'are not an adjacent pair of shards'],
  ['a shard that is not there', FIRST, 'shardId-000000000009', 'ResourceNotFoundException', 'Could not find'],
])('%s are refused', async (what, shard, adjacent, name, message) => {
  const stream = kinesis.streams.create(what.replaceAll(' ', '-'), { shardCount: 3 })
  await expect(merge(stream.name, shard, adjacent)).rejects.toMatchObject({
    name,
    message: expect.stringContaining(message) as string,
  })
  expect(stream.openShards).toHaveLength(3)
})

test('a closed shard, and one of a stream on demand, is not merged', async () => {
  kinesis.streams.create('closed', { shardCount: 3 })
  await merge('closed', FIRST, SECOND)
  await expect(merge('closed', SECOND, THIRD)).rejects.toMatchObject({
    name: 'InvalidArgumentException',
    message: expect.stringContaining('has already been merged or split') as string,
  })
  kinesis.streams.create('on-demand', { shardCount: 4, mode: 'ON_DEMAND' })
  await expect(merge('on-demand', FIRST, SECOND)).rejects.toMatchObject({ name: 'ValidationException' })
})
