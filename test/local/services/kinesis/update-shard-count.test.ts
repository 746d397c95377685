import { ScalingType, UpdateShardCountCommand } from '@aws-sdk/client-kinesis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestKinesis } from './start-test-kinesis.ts'

let kinesis: Awaited<ReturnType<typeof startTestKinesis>>

beforeAll(async () => {
  kinesis = await startTestKinesis()
})
afterAll(() => kinesis.close())

function update(StreamName: string, TargetShardCount: number) {
  const input = { StreamName, TargetShardCount, ScalingType: ScalingType.UNIFORM_SCALING }
  return kinesis.client.send(new UpdateShardCountCommand(input))
}

test('the answer says what was and what is to be, and then it is so', async () => {
  const { arn, openShards } = kinesis.streams.create('flights', { shardCount: 2 })
  expect(openShards).toHaveLength(2)
  expect(await update('flights', 3)).toMatchObject({
    StreamName: 'flights',
    StreamARN: arn,
    CurrentShardCount: 2,
    TargetShardCount: 3,
  })
  expect(kinesis.streams.get('flights').openShards).toHaveLength(3)
})

test.each([
  [5, 10],
  [5, 3],
  [4, 2],
  [4, 4],
])('%d shards become %d', async (from, to) => {
  const stream = kinesis.streams.create(`from-${from}-to-${to}`, { shardCount: from })
  await update(stream.name, to)
  expect(stream.openShards).toHaveLength(to)
})

test.each([
  [5, 11, 'up over double'],
  [5, 2, 'down below half'],
])('%d shards do not become %d, which is %s', async (from, to, step) => {
  const stream = kinesis.streams.create(`not-from-${from}-to-${to}`, { shardCount: from })
  await expect(update(stream.name, to)).rejects.toMatchObject({
    name: 'LimitExceededException',
    message:
      `UpdateShardCount cannot scale ${step} your current open shard count. ` +
      `Current open shard count: ${from}, Target shard count: ${to}`,
  })
  expect(stream.openShards).toHaveLength(from)
})

test('closed shards do not count for the next step', async () => {
  const stream = kinesis.streams.create('steps', { shardCount: 1 })
  for (const count of [2, 4, 8, 4, 2, 1]) await update('steps', count)
  expect(stream.openShards).toHaveLength(1)
})

test('a stream on demand is not scaled, nor one to no shards', async () => {
  kinesis.streams.create('on-demand', { shardCount: 4, mode: 'ON_DEMAND' })
  await expect(update('on-demand', 8)).rejects.toMatchObject({
    name: 'ValidationException',
    message: expect.stringContaining('is in On-Demand mode') as string,
  })
  kinesis.streams.create('none', { shardCount: 1 })
  await expect(update('none', 0)).rejects.toMatchObject({ name: 'ValidationException' })
})
