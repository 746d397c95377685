import { RemoveTagsFromStreamCommand } from '@aws-sdk/client-kinesis'
import { expect, test } from 'vitest'
import { startTestKinesis } from './start-test-kinesis.ts'

test('tags of those keys are removed, whether they are there or not, and others stay', async () => {
  const kinesis = await startTestKinesis()
  const { tags } = kinesis.streams.create('flights', { shardCount: 1, tags: { a: '1', b: '2', c: '3' } })
  const remove = (TagKeys: string[]) =>
    kinesis.client.send(new RemoveTagsFromStreamCommand({ StreamName: 'flights', TagKeys }))
  await remove(['a', 'c', 'x'])
  expect([...tags.keys()]).toEqual(['b'])
  await expect(remove([])).rejects.toMatchObject({ name: 'ValidationException' })
  await expect(remove(['b', '?'])).rejects.toMatchObject({ name: 'InvalidArgumentException' })
  expect([...tags.keys()]).toEqual(['b'])
  await kinesis.close()
})
