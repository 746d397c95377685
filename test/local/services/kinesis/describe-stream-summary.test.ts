import { DescribeStreamSummaryCommand } from '@aws-sdk/client-kinesis'
import { expect, test } from 'vitest'
import { START_MS, startTestKinesis } from './start-test-kinesis.ts'

test('a stream is described as active, with its shards and its time of creation, an unknown one is not', async () => {
  const kinesis = await startTestKinesis()
  const { arn } = kinesis.streams.create('flights', { shardCount: 3 })
  kinesis.clock.nowMs += 1000
  const describe = (StreamName: string) =>
    kinesis.client.send(new DescribeStreamSummaryCommand({ StreamName }))
  const { StreamDescriptionSummary: summary } = await describe('flights')
  expect(summary).toMatchObject({
    StreamName: 'flights',
    StreamARN: arn,
    StreamStatus: 'ACTIVE',
    OpenShardCount: 3,
    RetentionPeriodHours: 24,
    StreamCreationTimestamp: new Date(START_MS),
    MaxRecordSizeInKiB: 1024,
  })
  await expect(describe('other')).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: 'Stream other under account 123456789012 not found.',
  })
  await kinesis.close()
})
