import { DeleteStreamCommand, GetRecordsCommand, GetShardIteratorCommand } from '@aws-sdk/client-kinesis'
import { expect, test } from 'vitest'
import { startTestKinesis } from './start-test-kinesis.ts'

test('a stream is deleted at once, and an iterator of it leads nowhere, even where a new one has its name', async () => {
  const kinesis = await startTestKinesis()
  const { arn } = kinesis.streams.create('flights', { shardCount: 1 })
  const place = { ShardId: 'shardId-000000000000', ShardIteratorType: 'LATEST' } as const
  const { ShardIterator } = await kinesis.client.send(
    new GetShardIteratorCommand({ StreamARN: arn, ...place }),
  )
  const read = () => kinesis.client.send(new GetRecordsCommand({ ShardIterator }))
  await expect(read()).resolves.toMatchObject({ Records: [] })

  await kinesis.client.send(new DeleteStreamCommand({ StreamName: 'flights', EnforceConsumerDeletion: true }))
  expect(kinesis.streams.all()).toEqual([])
  await expect(read()).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
  kinesis.clock.nowMs += 1
  kinesis.streams.create('flights', { shardCount: 1 })
  await expect(read()).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
  await kinesis.close()
})

test('a stream that is not there cannot be deleted', async () => {
  const kinesis = await startTestKinesis()
  await expect(kinesis.client.send(new DeleteStreamCommand({ StreamName: 'flights' }))).rejects.toMatchObject(
    { name: 'ResourceNotFoundException' },
  )
  await kinesis.close()
})
