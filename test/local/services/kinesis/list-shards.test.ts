import type { ListShardsCommandInput, ShardFilterType } from '@aws-sdk/client-kinesis'
import { ListShardsCommand } from '@aws-sdk/client-kinesis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
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

async function passing(ShardFilter: ListShardsCommandInput['ShardFilter']): Promise<string> {
  const { Shards = [] } = await list({ StreamName: 'resharded', ShardFilter })
  return Shards.map(({ ShardId }) => ShardId?.at(-1)).join('')
}

describe('of a stream that was split after a minute and merged after two', () => {
  const MINUTE_MS = 60_000
  let createdMs = 0

  beforeAll(() => {
    createdMs = kinesis.clock.nowMs
    const stream = kinesis.streams.create('resharded', { shardCount: 2 })
    kinesis.clock.nowMs += MINUTE_MS
    stream.split(stream.shard('shardId-000000000000'), 5n)
    kinesis.clock.nowMs += MINUTE_MS
    stream.merge(stream.shard('shardId-000000000002'), stream.shard('shardId-000000000003'))
    kinesis.clock.nowMs += MINUTE_MS
  })

  const at = (afterMs: number): Date => new Date(createdMs + afterMs)

  test.each<[string, number | undefined, string]>([
    ['FROM_TRIM_HORIZON', undefined, '01234'],
    ['AT_TRIM_HORIZON', undefined, '01'],
    ['AT_LATEST', undefined, '14'],
    ['AT_TIMESTAMP', -MINUTE_MS, '01'],
    ['AT_TIMESTAMP', MINUTE_MS / 2, '01'],
    ['AT_TIMESTAMP', MINUTE_MS, '0123'],
    ['AT_TIMESTAMP', MINUTE_MS * 1.5, '123'],
    ['AT_TIMESTAMP', MINUTE_MS * 2.5, '14'],
    ['FROM_TIMESTAMP', -MINUTE_MS, '01234'],
    ['FROM_TIMESTAMP', MINUTE_MS, '01234'],
    ['FROM_TIMESTAMP', MINUTE_MS + 1, '1234'],
    ['FROM_TIMESTAMP', MINUTE_MS * 2.5, '14'],
  ])('%s at %s ms lets through %s', async (type, afterMs, expected) => {
    const Timestamp = afterMs === undefined ? undefined : at(afterMs)
    expect(await passing({ Type: type as ShardFilterType, Timestamp })).toBe(expected)
  })

  test('a filter goes on from page to page', async () => {
    const first = await list({ StreamName: 'resharded', ShardFilter: { Type: 'AT_LATEST' }, MaxResults: 1 })
    const second = await list({ NextToken: first.NextToken, MaxResults: 1 })
    expect(
      [first, second].flatMap(({ Shards = [] }) => Shards.map(({ ShardId }) => ShardId?.at(-1))),
    ).toEqual(['1', '4'])
    expect(second.NextToken).toBeUndefined()
  })

  test('shards that have expired are left out, and at the horizon are those that followed them', async () => {
    const { nowMs } = kinesis.clock
    kinesis.clock.nowMs = createdMs + MINUTE_MS + 86_400_000
    expect(await passing(undefined)).toBe('01234')
    kinesis.clock.nowMs += 1
    expect(await passing(undefined)).toBe('1234')
    expect(await passing({ Type: 'AT_TRIM_HORIZON' })).toBe('123')
    expect(await passing({ Type: 'FROM_TIMESTAMP', Timestamp: at(0) })).toBe('1234')
    kinesis.clock.nowMs = nowMs
  })
})

test.each<[string, ListShardsCommandInput['ShardFilter']]>([
  ['no shard', { Type: 'AFTER_SHARD_ID' }],
  ['no time', { Type: 'AT_TIMESTAMP' }],
  ['no time', { Type: 'FROM_TIMESTAMP' }],
  ['a shard too much', { Type: 'AT_LATEST', ShardId: 'shardId-000000000000' }],
  ['a time too much', { Type: 'AT_TRIM_HORIZON', Timestamp: new Date(0) }],
])('a filter with %s is refused: %j', async (_what, ShardFilter) => {
  await expect(list({ StreamName: 'small', ShardFilter })).rejects.toMatchObject({
    name: 'InvalidArgumentException',
  })
})

test('streams of one name are told apart by when they were created', async () => {
  const { createdMs } = kinesis.streams.get('small')
  expect(
    (await list({ StreamName: 'small', StreamCreationTimestamp: new Date(createdMs) })).Shards,
  ).toHaveLength(3)
  const StreamCreationTimestamp = new Date(createdMs - 1)
  await expect(list({ StreamName: 'small', StreamCreationTimestamp })).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  })
})
