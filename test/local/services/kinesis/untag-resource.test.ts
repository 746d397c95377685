import { UntagResourceCommand } from '@aws-sdk/client-kinesis'
import { expect, test } from 'vitest'
import { startTestKinesis } from './start-test-kinesis.ts'

test('tags of a stream are removed by its ARN', async () => {
  const kinesis = await startTestKinesis()
  const { arn, tags } = kinesis.streams.create('flights', { shardCount: 1, tags: { a: '1', b: '2' } })
  await kinesis.client.send(new UntagResourceCommand({ ResourceARN: arn, TagKeys: ['a'] }))
  expect([...tags]).toEqual([['b', '2']])
  await kinesis.close()
})
