import { ListTagsForResourceCommand } from '@aws-sdk/client-kinesis'
import { expect, test } from 'vitest'
import { startTestKinesis } from './start-test-kinesis.ts'

test('all tags of a stream are listed by its ARN', async () => {
  const kinesis = await startTestKinesis()
  const { arn } = kinesis.streams.create('flights', { shardCount: 1, tags: { b: '2', a: '1' } })
  const { Tags } = await kinesis.client.send(new ListTagsForResourceCommand({ ResourceARN: arn }))
  expect(Tags).toEqual([
    { Key: 'a', Value: '1' },
    { Key: 'b', Value: '2' },
  ])
  await kinesis.close()
})
