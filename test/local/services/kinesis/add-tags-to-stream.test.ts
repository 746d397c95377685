import { AddTagsToStreamCommand } from '@aws-sdk/client-kinesis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestKinesis } from './start-test-kinesis.ts'

let kinesis: Awaited<ReturnType<typeof startTestKinesis>>

beforeAll(async () => {
  kinesis = await startTestKinesis()
})
afterAll(() => kinesis.close())

function add(StreamName: string, Tags: Record<string, string>) {
  return kinesis.client.send(new AddTagsToStreamCommand({ StreamName, Tags }))
}

function numbered(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`key-${index}`, 'value']))
}

test('tags are added, and those of a key that is there overwritten', async () => {
  const { tags } = kinesis.streams.create('flights', { shardCount: 1, tags: { a: '1', b: '2' } })
  await add('flights', { b: '3', 'clé_1.2:/=+-@ x': '' })
  expect([...tags]).toEqual([
    ['a', '1'],
    ['b', '3'],
    ['clé_1.2:/=+-@ x', ''],
  ])
})

test.each<[string, Record<string, string>]>([
  ['ValidationException', {}],
  ['ValidationException', { '': '' }],
  ['ValidationException', { ['k'.repeat(129)]: '' }],
  ['ValidationException', { k: 'v'.repeat(257) }],
  ['ValidationException', numbered(51)],
  ['InvalidArgumentException', { 'k?': '' }],
  ['InvalidArgumentException', { k: 'v%' }],
])('%s is the answer to %j, and none is set', async (name, tags) => {
  const streamName = `refused-${name}-${JSON.stringify(tags).length}`
  const stream = kinesis.streams.create(streamName, { shardCount: 1 })
  await expect(add(streamName, tags)).rejects.toMatchObject({ name })
  expect(stream.tags.size).toBe(0)
})

test('a stream has at most 50 tags, of which any may be overwritten', async () => {
  const { tags } = kinesis.streams.create('full', { shardCount: 1 })
  await add('full', numbered(50))
  await add('full', { 'key-0': 'other' })
  await expect(add('full', { one: 'more' })).rejects.toMatchObject({ name: 'InvalidArgumentException' })
  expect(tags.size).toBe(50)
  expect(tags.get('key-0')).toBe('other')
})
