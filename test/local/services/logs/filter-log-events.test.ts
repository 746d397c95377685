import { FilterLogEventsCommand, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs'
import type { CloudWatchLogsClient, FilterLogEventsCommandInput } from '@aws-sdk/client-cloudwatch-logs'
import { expect, test } from 'vitest'
import { GROUP, START_MS, startTestLogs } from './start-test-logs.ts'

async function startWithLines() {
  const logs = await startTestLogs()
  logs.add('one', 0, 'ERROR first')
  logs.add('two', 10, 'INFO second')
  logs.add('one', 20, 'ERROR third')
  return logs
}

async function messages(client: CloudWatchLogsClient, changes: Partial<FilterLogEventsCommandInput>) {
  const { events } = await client.send(new FilterLogEventsCommand({ logGroupName: GROUP, ...changes }))
  return events?.map(({ message }) => message)
}

test('an event says where it is, when it was and what it says', async () => {
  const { client } = await startWithLines()
  const { events, nextToken } = await client.send(new FilterLogEventsCommand({ logGroupName: GROUP }))
  expect(nextToken).toBeUndefined()
  expect(events).toHaveLength(3)
  expect(events?.[1]).toEqual({
    logStreamName: 'two',
    timestamp: START_MS + 10,
    message: 'INFO second',
    ingestionTime: START_MS,
    eventId: '1'.padStart(56, '0'),
  })
})

test.each<[string, Partial<FilterLogEventsCommandInput>, string[]]>([
  ['a pattern', { filterPattern: 'ERROR -third' }, ['ERROR first']],
  ['streams', { logStreamNames: ['two'] }, ['INFO second']],
  ['a prefix of streams', { logStreamNamePrefix: 'o' }, ['ERROR first', 'ERROR third']],
  [
    'both times included',
    { startTime: START_MS + 10, endTime: START_MS + 20 },
    ['INFO second', 'ERROR third'],
  ],
  ['times between events', { startTime: START_MS + 1, endTime: START_MS + 9 }, []],
])('events are found by %s', async (_, changes, expected) => {
  const { client } = await startWithLines()
  expect(await messages(client, changes)).toEqual(expected)
})

test('pages together have every match once, also those added meanwhile', async () => {
  const { client, add } = await startWithLines()
  const input = { logGroupName: GROUP, filterPattern: 'ERROR' }
  const found: unknown[] = []
  for await (const { events = [] } of paginateFilterLogEvents({ client, pageSize: 1 }, input)) {
    if (found.length === 0) add('new', 30, 'ERROR fourth')
    found.push(events.map(({ message }) => message))
  }
  expect(found).toEqual([['ERROR first'], ['ERROR third'], ['ERROR fourth']])
})

test('a page ends at 1 MiB', async () => {
  const { client, add } = await startTestLogs()
  for (let index = 0; index < 5; index++) add('one', index, 'x'.repeat(250_000))
  expect(await messages(client, {})).toHaveLength(4)
})

test.each<[string, Partial<FilterLogEventsCommandInput>, string]>([
  ['another pattern', { filterPattern: '{ $.a = 1 }' }, 'InvalidParameterException'],
  [
    'streams and a prefix',
    { logStreamNames: ['one'], logStreamNamePrefix: 'o' },
    'InvalidParameterException',
  ],
  ['a token that is none', { nextToken: 'x' }, 'InvalidParameterException'],
  ['a limit of 0', { limit: 0 }, 'InvalidParameterException'],
  ['a member that is not supported', { unmask: true }, 'InvalidParameterException'],
  ['no such stream', { logStreamNames: ['three'] }, 'ResourceNotFoundException'],
  ['no such group', { logGroupName: 'other' }, 'ResourceNotFoundException'],
])('%s is refused', async (_, changes, name) => {
  const { client } = await startWithLines()
  await expect(messages(client, changes)).rejects.toMatchObject({ name })
})
