import { DescribeStreamCommand, type DescribeStreamCommandInput } from '@aws-sdk/client-kinesis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { START_MS, startTestKinesis } from './start-test-kinesis.ts'

let kinesis: Awaited<ReturnType<typeof startTestKinesis>>

beforeAll(async () => {
  kinesis = await startTestKinesis()
})
afterAll(() => kinesis.close())

async function describe(input: DescribeStreamCommandInput) {
  return (await kinesis.client.send(new DescribeStreamCommand(input))).StreamDescription
}

test('a stream is described with its shards, closed ones with where they ended', async () => {
  const stream = kinesis.streams.create('flights', { shardCount: 1, retentionHours: 48 })
  const [shard] = stream.shards
  if (shard === undefined) throw new Error('no shard')
  stream.split(shard, 5n)
  const starts = stream.shards.map(({ startingSequenceNumber }) => startingSequenceNumber)
  expect(await describe({ StreamName: 'flights' })).toEqual({
    StreamName: 'flights',
    StreamARN: stream.arn,
    StreamStatus: 'ACTIVE',
    StreamModeDetails: { StreamMode: 'PROVISIONED' },
    StreamCreationTimestamp: new Date(START_MS),
    RetentionPeriodHours: 48,
    EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
    EncryptionType: 'NONE',
    HasMoreShards: false,
    Shards: [
      {
        ShardId: 'shardId-000000000000',
        HashKeyRange: { StartingHashKey: '0', EndingHashKey: String(2n ** 128n - 1n) },
        SequenceNumberRange: {
          StartingSequenceNumber: starts[0],
          EndingSequenceNumber: shard.end?.sequenceNumber,
        },
      },
      {
        ShardId: 'shardId-000000000001',
        ParentShardId: 'shardId-000000000000',
        HashKeyRange: { StartingHashKey: '0', EndingHashKey: '4' },
        SequenceNumberRange: { StartingSequenceNumber: starts[1] },
      },
      {
        ShardId: 'shardId-000000000002',
        ParentShardId: 'shardId-000000000000',
        HashKeyRange: { StartingHashKey: '5', EndingHashKey: String(2n ** 128n - 1n) },
        SequenceNumberRange: { StartingSequenceNumber: starts[2] },
      },
    ],
  })
})

test.each([
  [undefined, [100, 100, 50]],
  [101, [100, 100, 50]],
  [90, [90, 90, 70]],
])('with Limit %s the pages hold %j shards, each shard once', async (Limit, pageSizes) => {
  const name = `wide-${Limit}`
  kinesis.streams.create(name, { shardCount: 250 })
  const pages: (string | undefined)[][] = []
  let ExclusiveStartShardId: string | undefined
  for (let hasMore: boolean | undefined = true; hasMore;) {
    const page = await describe({ StreamName: name, Limit, ExclusiveStartShardId })
    pages.push((page?.Shards ?? []).map(({ ShardId }) => ShardId))
    ExclusiveStartShardId = pages.at(-1)?.at(-1)
    hasMore = page?.HasMoreShards
  }
  expect(pages.map(({ length }) => length)).toEqual(pageSizes)
  expect(new Set(pages.flat()).size).toBe(250)
})

test('no shards at all cannot be asked for, nor an unknown stream', async () => {
  kinesis.streams.create('small', { shardCount: 1 })
  await expect(describe({ StreamName: 'small', Limit: 0 })).rejects.toMatchObject({
    name: 'ValidationException',
  })
  await expect(describe({ StreamName: 'other' })).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
})
