import { ListTagsForStreamCommand } from '@aws-sdk/client-kinesis'
import { expect, test } from 'vitest'
import { startTestKinesis } from './start-test-kinesis.ts'

test('tags are listed by their keys, page by page', async () => {
  const kinesis = await startTestKinesis()
  kinesis.streams.create('flights', { shardCount: 1, tags: { c: '3', a: '1', b: '2' } })
  const list = async (Limit?: number, ExclusiveStartTagKey?: string) => {
    const input = { StreamName: 'flights', Limit, ExclusiveStartTagKey }
    const { Tags = [], HasMoreTags } = await kinesis.client.send(new ListTagsForStreamCommand(input))
    return [Tags.map(({ Key, Value }) => `${Key}=${Value}`).join(), HasMoreTags]
  }
  expect(await list()).toEqual(['a=1,b=2,c=3', false])
  expect(await list(2)).toEqual(['a=1,b=2', true])
  expect(await list(2, 'b')).toEqual(['c=3', false])
  expect(await list(3)).toEqual(['a=1,b=2,c=3', false])
  await expect(list(51)).rejects.toMatchObject({ name: 'ValidationException' })
  await kinesis.close()
})
