import { DescribeLimitsCommand } from '@aws-sdk/client-kinesis'
import { expect, test } from 'vitest'
import { startTestKinesis } from './start-test-kinesis.ts'

test('open shards of all streams are counted, closed ones are not', async () => {
  const kinesis = await startTestKinesis()
  const stream = kinesis.streams.create('flights', { shardCount: 3 })
  kinesis.streams.create('orders', { shardCount: 4, mode: 'ON_DEMAND' })
  stream.scale(2)
  expect(await kinesis.client.send(new DescribeLimitsCommand({}))).toMatchObject({
    ShardLimit: 10_000,
    OpenShardCount: 6,
    OnDemandStreamCount: 1,
    OnDemandStreamCountLimit: 50,
  })
  await kinesis.close()
})
