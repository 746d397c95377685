import { DescribeLogStreamsCommand, paginateDescribeLogStreams } from '@aws-sdk/client-cloudwatch-logs'
import type { DescribeLogStreamsCommandInput } from '@aws-sdk/client-cloudwatch-logs'
import { expect, test } from 'vitest'
import { GROUP, START_MS, startTestLogs } from './start-test-logs.ts'

async function startWithStreams() {
  const { client, add, clock } = await startTestLogs()
  add('b', 0, 'first')
  add('c', 10, 'second')
  add('a', 20, 'third')
  clock.nowMs += 50
  add('b', 40, 'fourth')
  const streams = async (changes: Partial<DescribeLogStreamsCommandInput>) => {
    const input = { logGroupName: GROUP, ...changes }
    const { logStreams = [] } = await client.send(new DescribeLogStreamsCommand(input))
    return logStreams
  }
  return { client, streams }
}

test.each<[Partial<DescribeLogStreamsCommandInput>, string[]]>([
  [{}, ['a', 'b', 'c']],
  [{ descending: true }, ['c', 'b', 'a']],
  [{ orderBy: 'LastEventTime' }, ['c', 'a', 'b']],
  [{ orderBy: 'LastEventTime', descending: true, limit: 1 }, ['b']],
  [{ logStreamNamePrefix: 'b' }, ['b']],
])('with %j the streams are %j', async (changes, expected) => {
  const { streams } = await startWithStreams()
  expect((await streams(changes)).map(({ logStreamName }) => logStreamName)).toEqual(expected)
})

test('a stream says when it began and when its last event was', async () => {
  const { streams } = await startWithStreams()
  expect(await streams({ logStreamNamePrefix: 'b' })).toEqual([
    {
      logStreamName: 'b',
      creationTime: START_MS,
      lastEventTimestamp: START_MS + 40,
      lastIngestionTime: START_MS + 50,
      arn: `arn:aws:logs:eu-west-1:123456789012:log-group:${GROUP}:log-stream:b`,
      storedBytes: 0,
    },
  ])
})

test('pages together have every stream once', async () => {
  const { client } = await startWithStreams()
  const pages: unknown[] = []
  const input = { logGroupName: GROUP }
  for await (const { logStreams = [] } of paginateDescribeLogStreams({ client, pageSize: 2 }, input))
    pages.push(logStreams.map(({ logStreamName }) => logStreamName))
  expect(pages).toEqual([['a', 'b'], ['c']])
})

test.each<[Partial<DescribeLogStreamsCommandInput>, string]>([
  [{ logStreamNamePrefix: 'b', orderBy: 'LastEventTime' }, 'InvalidParameterException'],
  [{ limit: 51 }, 'InvalidParameterException'],
  [{ logGroupName: 'other' }, 'ResourceNotFoundException'],
])('%j is refused', async (changes, name) => {
  const { streams } = await startWithStreams()
  await expect(streams(changes)).rejects.toMatchObject({ name })
})
