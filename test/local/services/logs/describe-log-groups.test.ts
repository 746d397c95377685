import { DescribeLogGroupsCommand, paginateDescribeLogGroups } from '@aws-sdk/client-cloudwatch-logs'
import { expect, test } from 'vitest'
import { GROUP, START_MS, startTestLogs } from './start-test-logs.ts'

test('groups are listed by name, prefix or pattern, from their creation on', async () => {
  const { client, groups } = await startTestLogs()
  groups.create('stack-FlightsLogs')
  const named = async (input: { logGroupNamePrefix?: string; logGroupNamePattern?: string }) => {
    const { logGroups = [] } = await client.send(new DescribeLogGroupsCommand(input))
    return logGroups.map(({ logGroupName }) => logGroupName)
  }
  expect(await named({})).toEqual([GROUP, 'stack-FlightsLogs'])
  expect(await named({ logGroupNamePrefix: '/aws' })).toEqual([GROUP])
  expect(await named({ logGroupNamePrefix: 'Flights' })).toEqual([])
  expect(await named({ logGroupNamePattern: 'FlightsLogs' })).toEqual(['stack-FlightsLogs'])
  expect(await named({ logGroupNamePattern: 'flightslogs' })).toEqual([])
  await expect(named({ logGroupNamePrefix: 'a', logGroupNamePattern: 'a' })).rejects.toMatchObject({
    name: 'InvalidParameterException',
  })
})

test('a group says when it was created, how much it holds and its ARN, by which it is found too', async () => {
  const { client, groups, add } = await startTestLogs()
  add('one', 0, 'four')
  const { logGroups } = await client.send(new DescribeLogGroupsCommand({}))
  const arn = `arn:aws:logs:eu-west-1:123456789012:log-group:${GROUP}`
  expect(logGroups).toMatchObject([
    { logGroupName: GROUP, creationTime: START_MS, storedBytes: 30, arn: `${arn}:*`, logGroupArn: arn },
  ])
  expect([arn, `${arn}:*`].map((each) => groups.get(each).name)).toEqual([GROUP, GROUP])
})

test('pages together have every group once', async () => {
  const { client, groups } = await startTestLogs()
  groups.create('b')
  groups.create('a')
  const pages: unknown[] = []
  for await (const { logGroups = [] } of paginateDescribeLogGroups({ client, pageSize: 2 }, {}))
    pages.push(logGroups.map(({ logGroupName }) => logGroupName))
  expect(pages).toEqual([[GROUP, 'a'], ['b']])
})
