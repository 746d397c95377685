import { CreateStreamCommand, type CreateStreamCommandInput } from '@aws-sdk/client-kinesis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestKinesis } from './start-test-kinesis.ts'

let kinesis: Awaited<ReturnType<typeof startTestKinesis>>

beforeAll(async () => {
  kinesis = await startTestKinesis()
})
afterAll(() => kinesis.close())

function create(input: Partial<CreateStreamCommandInput>) {
  return kinesis.client.send(new CreateStreamCommand({ StreamName: 'flights', ...input }))
}

test('a stream has its shards and tags at once, and a day of retention', async () => {
  await create({ StreamName: 'whole', ShardCount: 3, Tags: { team: 'blue', empty: '' } })
  const stream = kinesis.streams.get('whole')
  expect(stream.openShards).toHaveLength(3)
  expect(stream.mode).toBe('PROVISIONED')
  expect(stream.retentionHours).toBe(24)
  expect([...stream.tags]).toEqual([
    ['team', 'blue'],
    ['empty', ''],
  ])
})

test('a stream on demand has four shards', async () => {
  await create({ StreamName: 'on-demand', StreamModeDetails: { StreamMode: 'ON_DEMAND' } })
  const stream = kinesis.streams.get('on-demand')
  expect(stream.openShards).toHaveLength(4)
  expect(stream.mode).toBe('ON_DEMAND')
})

test('a name is given once', async () => {
  await create({ StreamName: 'twice', ShardCount: 1 })
  await expect(create({ StreamName: 'twice', ShardCount: 1 })).rejects.toMatchObject({
    name: 'ResourceInUseException',
    message: 'Stream twice under account 123456789012 already exists.',
  })
})

test.each<[string, Partial<CreateStreamCommandInput>, string]>([
  ['ValidationException', { StreamName: '', ShardCount: 1 }, "at 'streamName'"],
  ['ValidationException', { StreamName: 'a/b', ShardCount: 1 }, 'pattern: [a-zA-Z0-9_.-]+'],
  ['ValidationException', { StreamName: 'a'.repeat(129), ShardCount: 1 }, 'less than or equal to 128'],
  ['ValidationException', { StreamName: undefined, ShardCount: 1 }, 'Member must not be null'],
  ['ValidationException', { ShardCount: 0 }, "Value at 'shardCount' failed to satisfy constraint"],
  ['ValidationException', { ShardCount: 10_001 }, 'less than or equal to 10000'],
  ['InvalidArgumentException', {}, 'ShardCount must be given'],
  [
    'InvalidArgumentException',
    { ShardCount: 1, StreamModeDetails: { StreamMode: 'ON_DEMAND' } },
    'The mode is ON_DEMAND',
  ],
  ['ValidationException', { ShardCount: 1, Tags: {} }, "at 'tags'"],
  ['InvalidArgumentException', { ShardCount: 1, Tags: { '?': '' } }, 'invalid characters'],
  ['ValidationException', { ShardCount: 1, MaxRecordSizeInKiB: 2048 }, 'Only 1024 is supported'],
  [
    'ValidationException',
    { StreamModeDetails: { StreamMode: 'ON_DEMAND' }, RecordDistributionStrategy: 'AUTO' },
    'Only USER_PARTITION_KEY is supported',
  ],
])('%s is the answer to %j, and nothing is created', async (name, input, message) => {
  await expect(create(input)).rejects.toMatchObject({
    name,
    message: expect.stringContaining(message) as string,
  })
  expect(() => kinesis.streams.get('flights')).toThrow('not found')
})
