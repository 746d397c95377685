import { ListStreamsCommand, type ListStreamsCommandInput } from '@aws-sdk/client-kinesis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { START_MS, startTestKinesis } from './start-test-kinesis.ts'

const NAMES = Array.from({ length: 250 }, (_, index) => `stream-${String(index).padStart(3, '0')}`)
let kinesis: Awaited<ReturnType<typeof startTestKinesis>>

beforeAll(async () => {
  kinesis = await startTestKinesis()
  for (const name of NAMES.toReversed()) kinesis.streams.create(name, { shardCount: 1 })
})
afterAll(() => kinesis.close())

function list(input: ListStreamsCommandInput) {
  return kinesis.client.send(new ListStreamsCommand(input))
}

test('streams are listed with what they are', async () => {
  const { StreamNames, StreamSummaries } = await list({ Limit: 1 })
  expect(StreamNames).toEqual(['stream-000'])
  expect(StreamSummaries).toEqual([
    {
      StreamName: 'stream-000',
      StreamARN: 'arn:aws:kinesis:eu-west-1:123456789012:stream/stream-000',
      StreamStatus: 'ACTIVE',
      StreamModeDetails: { StreamMode: 'PROVISIONED' },
      StreamCreationTimestamp: new Date(START_MS),
    },
  ])
})

test.each([
  ['a name', undefined, [100, 100, 50]],
  ['a token', undefined, [100, 100, 50]],
  ['a token', 10_000, [100, 100, 50]],
  ['a name', 90, [90, 90, 70]],
  ['a token', 125, [100, 100, 50]],
])('from page to page by %s, with Limit %s, there are %j streams', async (by, Limit, pageSizes) => {
  const pages: string[][] = []
  let next: ListStreamsCommandInput = {}
  for (let hasMore: boolean | undefined = true; hasMore;) {
    const { StreamNames = [], HasMoreStreams, NextToken } = await list({ ...next, Limit })
    pages.push(StreamNames)
    expect(NextToken === undefined).toBe(!HasMoreStreams)
    next = by === 'a name' ? { ExclusiveStartStreamName: StreamNames.at(-1) } : { NextToken }
    hasMore = HasMoreStreams
  }
  expect(pages.map(({ length }) => length)).toEqual(pageSizes)
  expect(pages.flat()).toEqual(NAMES)
})

test('a page token is good for 5 minutes and not longer', async () => {
  const { NextToken } = await list({})
  kinesis.clock.nowMs += 300_000
  expect((await list({ NextToken })).StreamNames?.[0]).toBe('stream-100')
  kinesis.clock.nowMs += 1
  await expect(list({ NextToken })).rejects.toMatchObject({ name: 'ExpiredNextTokenException' })
})

test.each<[string, ListStreamsCommandInput]>([
  ['ValidationException', { Limit: 0 }],
  ['ValidationException', { Limit: 10_001 }],
  ['ValidationException', { ExclusiveStartStreamName: 'a b' }],
  ['InvalidArgumentException', { NextToken: 'x' }],
  ['InvalidArgumentException', { NextToken: 'x', ExclusiveStartStreamName: 'a' }],
])('%s is the answer to %j', async (name, input) => {
  await expect(list(input)).rejects.toMatchObject({ name })
})
