import { TagResourceCommand } from '@aws-sdk/client-kinesis'
import { expect, test } from 'vitest'
import { startTestKinesis } from './start-test-kinesis.ts'

test('a stream is tagged by its ARN, another thing is not found', async () => {
  const kinesis = await startTestKinesis()
  const { arn, tags } = kinesis.streams.create('flights', { shardCount: 1 })
  const tag = (ResourceARN: string) =>
    kinesis.client.send(new TagResourceCommand({ ResourceARN, Tags: { a: '1' } }))
  await tag(arn)
  expect([...tags]).toEqual([['a', '1']])
  await expect(tag(`${arn}/consumer/c:1`)).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
  await expect(tag('arn:aws:s3:::bucket')).rejects.toMatchObject({ name: 'ValidationException' })
  await kinesis.close()
})
