import {
  ListMetricsCommand,
  type ListMetricsCommandInput,
  paginateListMetrics,
} from '@aws-sdk/client-cloudwatch'
import { expect, test } from 'vitest'
import { MINUTE_MS, startTestCloudWatch } from './start-test-cloudwatch.ts'

async function startWithMetrics() {
  const { client, add, clock } = await startTestCloudWatch()
  add('Depth', 1, { dimensions: { Queue: 'a' } })
  add('Depth', 1, { dimensions: { Queue: 'b', Host: 'c' } })
  add('Calls', 1, { namespace: 'Other' })
  const listed = async (input: ListMetricsCommandInput = {}) => {
    const { Metrics = [] } = await client.send(new ListMetricsCommand(input))
    return Metrics.map(({ Namespace, MetricName, Dimensions = [] }) =>
      [Namespace, MetricName, ...Dimensions.map(({ Name, Value }) => `${Name}=${Value}`)].join(' '),
    )
  }
  return { client, add, clock, listed }
}

const depthOfA = 'Test Depth Queue=a'
const depthOfB = 'Test Depth Queue=b Host=c'
const calls = 'Other Calls'

test.each<[ListMetricsCommandInput, string[]]>([
  [{}, [calls, depthOfB, depthOfA]],
  [{ Namespace: 'Test' }, [depthOfB, depthOfA]],
  [{ MetricName: 'Calls' }, [calls]],
  [{ Dimensions: [{ Name: 'Queue' }] }, [depthOfB, depthOfA]],
  [{ Dimensions: [{ Name: 'Queue', Value: 'a' }] }, [depthOfA]],
  [{ Dimensions: [{ Name: 'Queue' }, { Name: 'Host', Value: 'c' }] }, [depthOfB]],
  [{ Dimensions: [{ Name: 'Queue', Value: 'c' }] }, []],
  [{ Namespace: 'Tes' }, []],
])('%j lists %j', async (input, expected) => {
  const { listed } = await startWithMetrics()
  expect(await listed(input)).toEqual(expected)
})

test('metrics without a value in three hours are listed unless the active ones are asked for', async () => {
  const { add, clock, listed } = await startWithMetrics()
  clock.nowMs += 180 * MINUTE_MS
  add('Calls', 1, { namespace: 'Other', afterMs: 180 * MINUTE_MS })
  expect(await listed({ RecentlyActive: 'PT3H' })).toEqual([calls])
  expect(await listed()).toHaveLength(3)
})

test('pages together have every metric once', async () => {
  const { add, client } = await startTestCloudWatch()
  const names = Array.from({ length: 501 }, (_, index) => `metric-${1_000 + index}`)
  for (const name of names) add(name, 1)
  const pages: (string | undefined)[][] = []
  for await (const { Metrics = [] } of paginateListMetrics({ client }, {}))
    pages.push(Metrics.map(({ MetricName }) => MetricName))
  expect(pages.map(({ length }) => length)).toEqual([500, 1])
  expect(pages.flat()).toEqual(names)
})

test('a token that is none, and what is not supported, is refused', async () => {
  const { client } = await startTestCloudWatch()
  const refused = (input: ListMetricsCommandInput) =>
    client.send(new ListMetricsCommand(input)).then(
      () => 'taken',
      ({ Error: { Code } }: { Error: { Code: string } }) => Code,
    )
  expect(await refused({ NextToken: 'x' })).toBe('InvalidNextToken')
  expect(await refused({ IncludeLinkedAccounts: true })).toBe('InvalidParameterValue')
  // The control.
  expect(await refused({ NextToken: '0' })).toBe('taken')
})
