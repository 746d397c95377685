import { GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import type { GetLogEventsCommandInput } from '@aws-sdk/client-cloudwatch-logs'
import { expect, test } from 'vitest'
import { GROUP, START_MS, startTestLogs } from './start-test-logs.ts'

async function startWithLines() {
  const { client, add } = await startTestLogs()
  for (const number of [0, 1, 2, 3, 4]) {
    add('one', number, `line ${number}`)
    add('two', number, 'of another stream')
  }
  const page = async (changes: Partial<GetLogEventsCommandInput> = {}) => {
    const input = { logGroupName: GROUP, logStreamName: 'one', ...changes }
    const {
      events = [],
      nextForwardToken,
      nextBackwardToken,
    } = await client.send(new GetLogEventsCommand(input))
    const numbers = events.map(({ message }) => Number(message?.replace('line ', '')))
    return { events, numbers, forward: nextForwardToken, backward: nextBackwardToken }
  }
  return { add, page }
}

test('a stream gives its last events, and from the head its first', async () => {
  const { page } = await startWithLines()
  expect((await page()).numbers).toEqual([0, 1, 2, 3, 4])
  expect((await page({ limit: 2 })).numbers).toEqual([3, 4])
  expect((await page({ limit: 2, startFromHead: true })).numbers).toEqual([0, 1])
  expect((await page()).events[0]).toEqual({
    timestamp: START_MS,
    message: 'line 0',
    ingestionTime: START_MS,
  })
})

test('the start of a range is in it, its end is not', async () => {
  const { page } = await startWithLines()
  expect((await page({ startTime: START_MS + 1, endTime: START_MS + 3 })).numbers).toEqual([1, 2])
})

test('tokens lead both ways, and the one at the end is the same until something comes', async () => {
  const { page, add } = await startWithLines()
  const last = await page({ limit: 2 })
  const before = await page({ limit: 2, nextToken: last.backward })
  expect(before.numbers).toEqual([1, 2])
  expect((await page({ limit: 2, nextToken: before.forward })).numbers).toEqual([3, 4])
  const end = await page({ nextToken: last.forward })
  expect(end).toMatchObject({ numbers: [], forward: last.forward })
  add('one', 5, 'line 5')
  expect((await page({ nextToken: end.forward })).numbers).toEqual([5])
})

test.each([
  [{ logStreamName: 'three' }, 'ResourceNotFoundException'],
  [{ logGroupName: 'other' }, 'ResourceNotFoundException'],
  [{ logGroupName: undefined }, 'InvalidParameterException'],
  [{ nextToken: 'f/x' }, 'InvalidParameterException'],
])('%j is refused', async (changes, name) => {
  const { page } = await startWithLines()
  await expect(page(changes as Partial<GetLogEventsCommandInput>)).rejects.toMatchObject({ name })
})
