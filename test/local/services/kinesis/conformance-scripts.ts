import {
  AddTagsToStreamCommand,
  CreateStreamCommand,
  DecreaseStreamRetentionPeriodCommand,
  DeleteStreamCommand,
  DescribeStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type GetShardIteratorCommandInput,
  IncreaseStreamRetentionPeriodCommand,
  type KinesisClient,
  ListShardsCommand,
  ListStreamsCommand,
  ListTagsForStreamCommand,
  MergeShardsCommand,
  PutRecordCommand,
  PutRecordsCommand,
  RemoveTagsFromStreamCommand,
  SplitShardCommand,
  UpdateShardCountCommand,
} from '@aws-sdk/client-kinesis'
import { bytes } from './start-test-kinesis.ts'

/** A server that a script is played to. */
export interface Scene {
  /** What it is asked is compared. */
  readonly client: KinesisClient
  /** Resolves when the stream is active; that is not compared. */
  isActive(streamName: string): Promise<void>
}

const SHARDS = Array.from({ length: 12 }, (_, index) => `shardId-${String(index).padStart(12, '0')}`)
const [FIRST, SECOND, THIRD, FOURTH, FIFTH] = SHARDS
const QUARTER = 2n ** 126n

type RetentionCommand =
  typeof IncreaseStreamRetentionPeriodCommand | typeof DecreaseStreamRetentionPeriodCommand

/** The error is compared, too; it does not end the script. */
function refused(call: Promise<unknown>): Promise<unknown> {
  return call.catch(() => undefined)
}

async function create(scene: Scene, StreamName: string, ShardCount: number): Promise<void> {
  await scene.client.send(new CreateStreamCommand({ StreamName, ShardCount }))
  await scene.isActive(StreamName)
}

async function iterator(
  client: KinesisClient,
  input: Omit<GetShardIteratorCommandInput, 'StreamName'>,
  StreamName = 'a',
) {
  const { ShardIterator } = await client.send(new GetShardIteratorCommand({ StreamName, ...input }))
  return ShardIterator
}

/** Reads from an iterator to the end of what is there. */
async function drain(client: KinesisClient, start: string | undefined, Limit: number): Promise<void> {
  let ShardIterator = start
  for (;;) {
    const { NextShardIterator, Records } = await client.send(new GetRecordsCommand({ ShardIterator, Limit }))
    if (NextShardIterator === undefined || Records?.length === 0) return
    ShardIterator = NextShardIterator
  }
}

async function putKeys(client: KinesisClient, keys: string): Promise<(string | undefined)[]> {
  const numbers: (string | undefined)[] = []
  for (const PartitionKey of keys) {
    const input = { StreamName: 'a', PartitionKey, Data: bytes(PartitionKey) }
    numbers.push((await client.send(new PutRecordCommand(input))).SequenceNumber)
  }
  return numbers
}

/** What is played, by what it shows. */
export const scripts: Readonly<Record<string, (scene: Scene) => Promise<void>>> = {
  'streams are created, described, listed and deleted': async (scene) => {
    const { client } = scene
    for (const name of ['b', 'a', 'c']) await create(scene, name, 3)
    await refused(client.send(new CreateStreamCommand({ StreamName: 'a', ShardCount: 1 })))
    await refused(client.send(new CreateStreamCommand({ StreamName: 'a b', ShardCount: 1 })))
    await client.send(new DescribeStreamSummaryCommand({ StreamName: 'a' }))
    await client.send(new DescribeStreamCommand({ StreamName: 'a' }))
    await client.send(new DescribeStreamCommand({ StreamName: 'a', Limit: 2 }))
    await client.send(new DescribeStreamCommand({ StreamName: 'a', ExclusiveStartShardId: FIRST }))
    await client.send(new ListStreamsCommand({}))
    await client.send(new ListStreamsCommand({ Limit: 2 }))
    await client.send(new ListStreamsCommand({ ExclusiveStartStreamName: 'a', Limit: 2 }))
    await refused(client.send(new ListStreamsCommand({ Limit: 0 })))
    await client.send(new DeleteStreamCommand({ StreamName: 'b' }))
  },

  'records are written, and read from every kind of place': async (scene) => {
    const { client } = scene
    await create(scene, 'a', 3)
    const numbers = await putKeys(client, 'aaa')
    await client.send(
      new PutRecordsCommand({
        StreamName: 'a',
        Records: [
          { PartitionKey: 'b', Data: bytes('b') },
          { PartitionKey: 'a', Data: bytes('x'), ExplicitHashKey: String(2n ** 128n - 1n) },
          { PartitionKey: 'b', Data: bytes('y'), ExplicitHashKey: '0' },
        ],
      }),
    )
    for (const ShardId of [FIRST, SECOND]) {
      const start = await iterator(client, { ShardId, ShardIteratorType: 'TRIM_HORIZON' })
      await client.send(new GetRecordsCommand({ ShardIterator: start }))
      await drain(client, start, 1)
      await drain(client, await iterator(client, { ShardId, ShardIteratorType: 'LATEST' }), 1)
      const since = { ShardId, ShardIteratorType: 'AT_TIMESTAMP' as const, Timestamp: new Date(0) }
      await drain(client, await iterator(client, since), 10)
    }
    for (const type of ['AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER'] as const) {
      for (const StartingSequenceNumber of [numbers[0], numbers[2]]) {
        const place = { ShardId: FIRST, ShardIteratorType: type, StartingSequenceNumber }
        await drain(client, await iterator(client, place), 10)
      }
    }
  },

  'a split closes a shard, which is read to its end and names its children': async (scene) => {
    const { client } = scene
    await create(scene, 'a', 3)
    await putKeys(client, 'aab')
    const before = await iterator(client, { ShardId: FIRST, ShardIteratorType: 'TRIM_HORIZON' })
    const latest = await iterator(client, { ShardId: FIRST, ShardIteratorType: 'LATEST' })
    await client.send(
      new SplitShardCommand({ StreamName: 'a', ShardToSplit: FIRST, NewStartingHashKey: String(QUARTER) }),
    )
    await scene.isActive('a')
    await putKeys(client, 'abc')
    await client.send(new ListShardsCommand({ StreamName: 'a' }))
    await client.send(new DescribeStreamSummaryCommand({ StreamName: 'a' }))
    await client.send(new DescribeStreamCommand({ StreamName: 'a' }))
    for (const start of [before, latest]) {
      await client.send(new GetRecordsCommand({ ShardIterator: start, Limit: 10 }))
      await drain(client, start, 1)
    }
    for (const ShardId of [THIRD, FOURTH]) {
      await drain(client, await iterator(client, { ShardId, ShardIteratorType: 'TRIM_HORIZON' }), 10)
    }
    for (const Type of ['AT_LATEST', 'FROM_TRIM_HORIZON'] as const) {
      await client.send(new ListShardsCommand({ StreamName: 'a', ShardFilter: { Type } }))
    }
    await client.send(
      new ListShardsCommand({ StreamName: 'a', ShardFilter: { Type: 'AFTER_SHARD_ID', ShardId: SECOND } }),
    )
    await client.send(
      new ListShardsCommand({
        StreamName: 'a',
        ShardFilter: { Type: 'FROM_TIMESTAMP', Timestamp: new Date(0) },
      }),
    )
  },

  'shards are listed page by page': async (scene) => {
    const { client } = scene
    await create(scene, 'a', 5)
    const { NextToken } = await client.send(new ListShardsCommand({ StreamName: 'a', MaxResults: 3 }))
    await client.send(new ListShardsCommand({ NextToken, MaxResults: 3 }))
    await client.send(
      new ListShardsCommand({ StreamName: 'a', ExclusiveStartShardId: SECOND, MaxResults: 3 }),
    )
    await refused(client.send(new ListShardsCommand({ StreamName: 'a', NextToken })))
    await refused(client.send(new ListShardsCommand({ NextToken: 'x' })))
    await refused(client.send(new ListShardsCommand({})))
    await refused(
      client.send(new ListShardsCommand({ StreamName: 'a', ShardFilter: { Type: 'AFTER_SHARD_ID' } })),
    )
    await refused(
      client.send(new ListShardsCommand({ StreamName: 'a', ShardFilter: { Type: 'AT_TIMESTAMP' } })),
    )
  },

  'a merge closes two shards, and each names the child': async (scene) => {
    const { client } = scene
    await create(scene, 'a', 3)
    await putKeys(client, 'abc')
    await client.send(
      new MergeShardsCommand({ StreamName: 'a', ShardToMerge: FIRST, AdjacentShardToMerge: SECOND }),
    )
    await scene.isActive('a')
    await putKeys(client, 'abc')
    await client.send(new ListShardsCommand({ StreamName: 'a' }))
    for (const ShardId of [FIRST, SECOND, THIRD, FOURTH]) {
      await drain(client, await iterator(client, { ShardId, ShardIteratorType: 'TRIM_HORIZON' }), 1)
    }
  },

  'the number of shards is doubled and halved': async (scene) => {
    const { client } = scene
    const update = async (TargetShardCount: number): Promise<void> => {
      await refused(
        client.send(
          new UpdateShardCountCommand({ StreamName: 'a', TargetShardCount, ScalingType: 'UNIFORM_SCALING' }),
        ),
      )
      await scene.isActive('a')
    }
    await create(scene, 'a', 3)
    await update(6)
    await client.send(new ListShardsCommand({ StreamName: 'a', ShardFilter: { Type: 'AT_LATEST' } }))
    await update(3)
    await client.send(new ListShardsCommand({ StreamName: 'a' }))
    await putKeys(client, 'ab')
  },

  'what cannot be split or merged is refused, and nothing changes but by what can': async (scene) => {
    const { client } = scene
    await create(scene, 'a', 3)
    const split = (ShardToSplit: string | undefined, hashKey: bigint | string) =>
      refused(
        client.send(
          new SplitShardCommand({ StreamName: 'a', ShardToSplit, NewStartingHashKey: String(hashKey) }),
        ),
      )
    const merge = (ShardToMerge: string | undefined, AdjacentShardToMerge: string | undefined) =>
      refused(client.send(new MergeShardsCommand({ StreamName: 'a', ShardToMerge, AdjacentShardToMerge })))
    await split(FIFTH, 7n)
    await merge(FIRST, THIRD)
    await merge(FIRST, FIFTH)
    await merge(FIRST, FIRST)
    await split(FIRST, QUARTER)
    await scene.isActive('a')
    await client.send(new ListShardsCommand({ StreamName: 'a' }))
  },

  'retention goes up and down between a day and a year': async (scene) => {
    const { client } = scene
    await create(scene, 'a', 1)
    const change = async (Command: RetentionCommand, RetentionPeriodHours: number) => {
      await refused(client.send(new Command({ StreamName: 'a', RetentionPeriodHours })))
      await client.send(new DescribeStreamSummaryCommand({ StreamName: 'a' }))
    }
    for (const hours of [23, 24, 48, 8761, 30, 8760])
      await change(IncreaseStreamRetentionPeriodCommand, hours)
    for (const hours of [23, 8761, 48, 48, 60, 24]) await change(DecreaseStreamRetentionPeriodCommand, hours)
  },

  'tags are added, overwritten, listed and removed': async (scene) => {
    const { client } = scene
    await create(scene, 'a', 1)
    await client.send(new AddTagsToStreamCommand({ StreamName: 'a', Tags: { c: '1', a: '2', b: '' } }))
    await client.send(new AddTagsToStreamCommand({ StreamName: 'a', Tags: { a: '3' } }))
    await client.send(new ListTagsForStreamCommand({ StreamName: 'a' }))
    await client.send(new ListTagsForStreamCommand({ StreamName: 'a', Limit: 2 }))
    await client.send(new ListTagsForStreamCommand({ StreamName: 'a', Limit: 2, ExclusiveStartTagKey: 'b' }))
    await client.send(new RemoveTagsFromStreamCommand({ StreamName: 'a', TagKeys: ['b', 'x'] }))
    await client.send(new ListTagsForStreamCommand({ StreamName: 'a' }))
    const add = (Tags: Record<string, string>) =>
      refused(client.send(new AddTagsToStreamCommand({ StreamName: 'a', Tags })))
    await add({ '?': '1' })
    await add({ d: '?' })
    await add({ '': '1' })
    await add({ ['k'.repeat(129)]: '1' })
    await add({ d: 'v'.repeat(257) })
    await add(Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`k${index}`, 'v'])))
    await add(Object.fromEntries(Array.from({ length: 49 }, (_, index) => [`k${index}`, 'v'])))
    await client.send(new ListTagsForStreamCommand({ StreamName: 'a' }))
  },

  'wrong requests are refused by the same errors': async (scene) => {
    const { client } = scene
    await create(scene, 'a', 1)
    const StreamName = 'unknown'
    const [PartitionKey, Data, ShardId, ShardIteratorType] = ['a', bytes('a'), FIRST, 'LATEST'] as const
    for (const call of [
      () => client.send(new DescribeStreamCommand({ StreamName })),
      () => client.send(new DescribeStreamSummaryCommand({ StreamName })),
      () => client.send(new DeleteStreamCommand({ StreamName })),
      () => client.send(new ListShardsCommand({ StreamName })),
      () => client.send(new PutRecordCommand({ StreamName, PartitionKey, Data })),
      () => client.send(new PutRecordsCommand({ StreamName, Records: [{ PartitionKey, Data }] })),
      () => client.send(new GetShardIteratorCommand({ StreamName, ShardId, ShardIteratorType })),
      () => client.send(new ListTagsForStreamCommand({ StreamName })),
      () => client.send(new IncreaseStreamRetentionPeriodCommand({ StreamName, RetentionPeriodHours: 30 })),
    ]) {
      await refused(call())
    }
    const record = { StreamName: 'a', PartitionKey, Data }
    for (const wrong of [
      { PartitionKey: '' },
      { PartitionKey: 'k'.repeat(257) },
      { ExplicitHashKey: String(2n ** 128n) },
      { ExplicitHashKey: '-1' },
      { Data: new Uint8Array(1024 * 1024 + 1) },
      { StreamName: 'a b' },
    ]) {
      await refused(client.send(new PutRecordCommand({ ...record, ...wrong })))
    }
    const place = { ShardId: FIRST, ShardIteratorType }
    for (const wrong of [
      { ShardId: SECOND },
      { ShardIteratorType: 'AT_SEQUENCE_NUMBER' as const },
      { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER' as const },
      { ShardIteratorType: 'AT_TIMESTAMP' as const },
    ]) {
      await refused(iterator(client, { ...place, ...wrong }))
    }
    await refused(
      client.send(new GetRecordsCommand({ ShardIterator: await iterator(client, place), Limit: 10_001 })),
    )
  },
}
