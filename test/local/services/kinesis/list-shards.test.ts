import type { ListShardsCommandInput } from '@aws-sdk/client-kinesis'
import { ListShardsCommand } from '@aws-sdk/client-kinesis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestKinesis } from './start-test-kinesis.ts'

let kinesis: Awaited<ReturnType<typeof startTestKinesis>>

beforeAll(async () => {
  kinesis = await startTestKinesis()
  kinesis.streams.create('small', { shardCount: 3 })
  kinesis.streams.create('wide', { shardCount: 2500 })
})
afterAll(() => kinesis.close())

function list(input: ListShardsCommandInput) {
  return kinesis.client.send(new ListShardsCommand(input))
}

test('shards are listed with their ranges and the number they start after', async () => {
  const { Shards, NextToken } = await list({ StreamName: 'small' })
  const stream = kinesis.streams.get('small')
  expect(Shards).toEqual(
    stream.shards.map((shard, index) => ({
      ShardId: `shardId-00000000000${index}`,
      HashKeyRange: {
        StartingHashKey: shard.hashKeyRange.startingHashKey,
        EndingHashKey: shard.hashKeyRange.endingHashKey,
      },
      SequenceNumberRange: { StartingSequenceNumber: shard.startingSequenceNumber },
    })),
  )
  expect(NextToken).toBeUndefined()
})

test.each([
  [undefined, [1000, 1000, 500]],
  [1250, [1000, 1000, 500]],
  [900, [900, 900, 700]],
])('with MaxResults %s the pages hold %j shards, each shard once', async (MaxResults, pageSizes) => {
  const pages: (string | undefined)[][] = []
  let next: ListShardsCommandInput | undefined = { StreamName: 'wide', MaxResults }
  while (next !== undefined) {
    const { Shards = [], NextToken } = await list(next)
    pages.push(Shards.map(({ ShardId }) => ShardId))
    next = NextToken === undefined ? undefined : { NextToken, MaxResults }
  }
  expect(pages.map(({ length }) => length)).toEqual(pageSizes)
  expect(new Set(pages.flat()).size).toBe(2500)
})

test.each([
  [{ ExclusiveStartShardId: 'shardId-000000000000' }, ['1', '2']],
  [{ ShardFilter: { Type: 'AFTER_SHARD_ID', ShardId: 'shardId-000000000001' } }, ['2']],
  [{ ShardFilter: { Type: 'AT_LATEST' } }, ['0', '1', '2']],
] as const)('%j leaves out what it should and no more', async (filter, expected) => {
  const { Shards = [] } = await list({ StreamName: 'small', ...filter })
  expect(Shards.map(({ ShardId }) => ShardId?.at(-1))).toEqual(expected)
})

test('a page token is good for 5 minutes and not longer', async () => {
  const { NextToken } = await list({ StreamName: 'small', MaxResults: 2 })
  kinesis.clock.nowMs += 300_000
  expect((await list({ NextToken })).Shards).toHaveLength(1)
  kinesis.clock.nowMs += 1
  await expect(list({ NextToken })).rejects.toMatchObject({ name: 'ExpiredNextTokenException' })
})

test('a token beside a stream name, or one that is none, is refused', async () => {
  const { NextToken } = await list({ StreamName: 'small', MaxResults: 2 })
  await expect(list({ StreamName: 'small', NextToken })).rejects.toMatchObject({
    name: 'InvalidArgumentException',
  })
  await expect(list({ NextToken: 'abc' })).rejects.toMatchObject({ name: 'InvalidArgumentException' })
})

test('the shards of an unknown stream are not found', async () => {
  await expect(list({ StreamName: 'other' })).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
})
