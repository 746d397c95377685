import { GetMetricStatisticsCommand, type GetMetricStatisticsCommandInput } from '@aws-sdk/client-cloudwatch'
import { expect, test } from 'vitest'
import { MINUTE_MS, START_MS, startTestCloudWatch } from './start-test-cloudwatch.ts'

const valid: GetMetricStatisticsCommandInput = {
  Namespace: 'Test',
  MetricName: 'Depth',
  StartTime: new Date(START_MS),
  EndTime: new Date(START_MS + 10 * MINUTE_MS),
  Period: 60,
  Statistics: ['Sum'],
}

test('a metric is answered as a data point for each period that has values', async () => {
  const { add, client } = await startTestCloudWatch()
  for (const value of [1, 2, 3]) add('Depth', value, { dimensions: { Queue: 'a' } })
  add('Depth', 7, { dimensions: { Queue: 'a' }, afterMs: 2 * MINUTE_MS })
  const command = new GetMetricStatisticsCommand({
    ...valid,
    Dimensions: [{ Name: 'Queue', Value: 'a' }],
    Statistics: ['SampleCount', 'Sum', 'Average', 'Minimum', 'Maximum'],
  })
  const { Label, Datapoints } = await client.send(command)
  expect(Label).toBe('Depth')
  expect(Datapoints).toEqual([
    {
      Timestamp: new Date(START_MS),
      SampleCount: 3,
      Sum: 6,
      Average: 2,
      Minimum: 1,
      Maximum: 3,
      Unit: 'Count',
    },
    {
      Timestamp: new Date(START_MS + 2 * MINUTE_MS),
      SampleCount: 1,
      Sum: 7,
      Average: 7,
      Minimum: 7,
      Maximum: 7,
      Unit: 'Count',
    },
  ])
})

test('percentiles are in a member of their own', async () => {
  const { add, client } = await startTestCloudWatch()
  for (const value of [1, 3]) add('Depth', value)
  const command = new GetMetricStatisticsCommand({
    ...valid,
    Statistics: undefined,
    ExtendedStatistics: ['p0', 'p100'],
  })
  const { Datapoints } = await client.send(command)
  expect(Datapoints).toEqual([
    { Timestamp: new Date(START_MS), Unit: 'Count', ExtendedStatistics: { p0: 1, p100: 3 } },
  ])
})

test('a metric of another unit, and one that is not there, has no data point', async () => {
  const { add, client } = await startTestCloudWatch()
  add('Depth', 1)
  const points = async (input: Partial<GetMetricStatisticsCommandInput>) =>
    (await client.send(new GetMetricStatisticsCommand({ ...valid, ...input }))).Datapoints?.length
  expect(await points({ Unit: 'Count' })).toBe(1)
  expect(await points({ Unit: 'Bytes' })).toBe(0)
  expect(await points({ MetricName: 'Other' })).toBe(0)
})

test.each<[string, string, Partial<GetMetricStatisticsCommandInput>]>([
  [
    'InvalidParameterValue',
    'The parameter StartTime must be less than the parameter EndTime.',
    { EndTime: valid.StartTime },
  ],
  [
    'InvalidParameterCombination',
    'Must specify either Statistics or ExtendedStatistics.',
    { Statistics: [] },
  ],
  [
    'InvalidParameterCombination',
    'Must specify either Statistics or ExtendedStatistics, not both.',
    { ExtendedStatistics: ['p90'] },
  ],
  [
    'InvalidParameterCombination',
    'You have requested up to 1441 datapoints, which exceeds the limit of 1440. You may reduce the datapoints requested by increasing Period, or decreasing the time range.',
    { EndTime: new Date(START_MS + 1_441 * MINUTE_MS) },
  ],
  ['MissingParameter', 'The parameter MetricName is required.', { MetricName: undefined }],
  [
    'InvalidParameterValue',
    'The value tm90 for parameter ExtendedStatistics is not supported.',
    { Statistics: undefined, ExtendedStatistics: ['tm90'] },
  ],
])('%s: %s', async (code, message, input) => {
  const { client } = await startTestCloudWatch()
  await expect(client.send(new GetMetricStatisticsCommand({ ...valid, ...input }))).rejects.toMatchObject({
    name: code === 'MissingParameter' ? 'MissingRequiredParameterException' : `${code}Exception`,
    Error: { Code: code },
    message,
  })
})
