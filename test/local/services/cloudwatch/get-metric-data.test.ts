import {
  GetMetricDataCommand,
  type GetMetricDataCommandInput,
  type MetricDataQuery,
  paginateGetMetricData,
} from '@aws-sdk/client-cloudwatch'
import { expect, test } from 'vitest'
import { MINUTE_MS, START_MS, startTestCloudWatch } from './start-test-cloudwatch.ts'

const range = { StartTime: new Date(START_MS), EndTime: new Date(START_MS + 10 * MINUTE_MS) }

function stat(
  Id: string,
  MetricName: string,
  {
    Stat = 'Sum',
    Period = 60,
    dimensions = {},
    Unit,
    ...others
  }: {
    readonly Stat?: string
    readonly Period?: number
    readonly dimensions?: Readonly<Record<string, string>>
    readonly Unit?: 'Count' | 'Bytes'
  } & Partial<MetricDataQuery> = {},
): MetricDataQuery {
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }))
  const Metric = { Namespace: 'Test', MetricName, Dimensions }
  return { Id, MetricStat: { Metric, Stat, Period, ...(Unit && { Unit }) }, ...others }
}

async function startWithMetrics() {
  const { client, ...world } = await startTestCloudWatch()
  /** Each result as id, label and its points in the order of the answer: minutes after the start and value. */
  const ask = async (queries: MetricDataQuery[], input: Partial<GetMetricDataCommandInput> = {}) => {
    const command = new GetMetricDataCommand({ ...range, MetricDataQueries: queries, ...input })
    const { MetricDataResults = [] } = await client.send(command)
    return MetricDataResults.map(({ Id, Label, Timestamps = [], Values = [], StatusCode }) => {
      expect(StatusCode).toBe('Complete')
      return [
        Id,
        Label,
        Timestamps.map((time, index) => [(time.getTime() - START_MS) / MINUTE_MS, Values[index]]),
      ]
    })
  }
  return { client, ask, ...world }
}

test('metrics are answered by the minute, the newest first unless asked for otherwise', async () => {
  const { add, ask } = await startWithMetrics()
  add('Calls', 2)
  add('Calls', 3, { afterMs: 59_000 })
  add('Calls', 4, { afterMs: MINUTE_MS })
  const points = [
    [0, 5],
    [1, 4],
  ]
  expect(await ask([stat('m1', 'Calls')])).toEqual([['m1', 'Calls', points.toReversed()]])
  const query = [stat('m1', 'Calls', { Label: 'all calls' })]
  expect(await ask(query, { ScanBy: 'TimestampAscending' })).toEqual([['m1', 'all calls', points]])
})

test.each([
  ['Sum', 60, 10],
  ['Average', 60, 2.5],
  ['Minimum', 60, 1],
  ['Maximum', 60, 4],
  ['SampleCount', 60, 4],
  ['p100', 60, 4],
  ['Sum', 1, 10],
  ['Sum', 30, 10],
])('%s of a period of %i seconds is %d', async (Stat, Period, expected) => {
  const { add, ask } = await startWithMetrics()
  for (const value of [1, 2, 3, 4]) add('Depth', value)
  expect(await ask([stat('m1', 'Depth', { Stat, Period })])).toEqual([['m1', 'Depth', [[0, expected]]]])
})

test('a period has what lies between its beginning, which the start is moved to, and the end', async () => {
  const { add, ask } = await startWithMetrics()
  for (const minute of [0, 1, 2, 3]) add('Calls', 10 ** minute, { afterMs: minute * MINUTE_MS })
  const input = {
    StartTime: new Date(START_MS + 1.5 * MINUTE_MS),
    EndTime: new Date(START_MS + 3 * MINUTE_MS),
  }
  expect(await ask([stat('m1', 'Calls')], input)).toEqual([
    [
      'm1',
      'Calls',
      [
        [2, 100],
        [1, 10],
      ],
    ],
  ])
})

test('a metric is that of exactly its dimensions, and of its unit', async () => {
  const { add, ask } = await startWithMetrics()
  add('Calls', 1, { dimensions: { Name: 'a', Host: 'b' } })
  const asked = (dimensions: Readonly<Record<string, string>>, Unit?: 'Count' | 'Bytes') =>
    ask([stat('m1', 'Calls', { dimensions, ...(Unit && { Unit }) })])
  const found = [['m1', 'Calls', [[0, 1]]]]
  const none = [['m1', 'Calls', []]]
  expect(await asked({ Host: 'b', Name: 'a' })).toEqual(found)
  expect(await asked({ Host: 'b', Name: 'a' }, 'Count')).toEqual(found)
  expect(await asked({ Host: 'b', Name: 'a' }, 'Bytes')).toEqual(none)
  expect(await asked({ Name: 'a' })).toEqual(none)
  expect(await asked({})).toEqual(none)
})

test('expressions refer to queries, in any order, whose own data need not be returned', async () => {
  const { add, ask } = await startWithMetrics()
  add('Errors', 1)
  add('Calls', 4)
  add('Calls', 4, { afterMs: MINUTE_MS })
  const queries = [
    { Id: 'percent', Expression: '100 * share' },
    { Id: 'share', Expression: 'FILL(errors, 0) / calls', Label: 'failed', ReturnData: false },
    stat('errors', 'Errors', { ReturnData: false }),
    stat('calls', 'Calls', { ReturnData: false }),
  ]
  expect(await ask(queries)).toEqual([
    [
      'percent',
      'percent',
      [
        [1, 0],
        [0, 25],
      ],
    ],
  ])
})

test('an expression of several series gives each under its id', async () => {
  const { add, ask } = await startWithMetrics()
  add('Errors', 1)
  add('Calls', 4)
  const queries = [
    stat('errors', 'Errors', { ReturnData: false }),
    stat('calls', 'Calls', { ReturnData: false }),
    { Id: 'e1', Expression: 'METRICS() * 2' },
  ]
  expect(await ask(queries)).toEqual([
    ['e1', 'Errors', [[0, 2]]],
    ['e1', 'Calls', [[0, 8]]],
  ])
})

test.each(['TimestampAscending', 'TimestampDescending'] as const)(
  'pages in %s order together have every point once',
  async (ScanBy) => {
    const { add, client } = await startWithMetrics()
    for (let minute = 0; minute < 5; minute++) {
      add('Calls', minute, { afterMs: minute * MINUTE_MS })
      add('Errors', 100 + minute, { afterMs: minute * MINUTE_MS })
    }
    const found: Record<string, number[]> = {}
    const pages: (string | undefined)[][] = []
    const MetricDataQueries = [stat('m1', 'Calls'), stat('m2', 'Errors')]
    const input = { ...range, MetricDataQueries, ScanBy, MaxDatapoints: 3 }
    for await (const { MetricDataResults = [] } of paginateGetMetricData({ client }, input)) {
      pages.push(MetricDataResults.map(({ StatusCode }) => StatusCode))
      for (const { Id = '', Values = [] } of MetricDataResults) (found[Id] ??= []).push(...Values)
    }
    const ordered = ScanBy === 'TimestampAscending' ? [0, 1, 2, 3, 4] : [4, 3, 2, 1, 0]
    expect(found).toEqual({ m1: ordered, m2: ordered.map((value) => 100 + value) })
    expect(pages).toEqual([['PartialData'], ['Complete', 'PartialData'], ['PartialData'], ['Complete']])
  },
)

test('a page that is full at the end of a series leaves the next one to the next page', async () => {
  const { add, client } = await startWithMetrics()
  for (const name of ['Calls', 'Errors']) add(name, 1)
  const MetricDataQueries = [stat('m1', 'Calls'), stat('m2', 'Errors')]
  const pages: unknown[] = []
  const input = { ...range, MetricDataQueries, MaxDatapoints: 1 }
  for await (const { MetricDataResults = [] } of paginateGetMetricData({ client }, input))
    pages.push(MetricDataResults.map(({ Id, StatusCode }) => [Id, StatusCode]))
  expect(pages).toEqual([[['m1', 'Complete']], [['m2', 'Complete']]])
})

test.each<[string, MetricDataQuery[], Partial<GetMetricDataCommandInput>]>([
  [
    'The parameter StartTime must be less than the parameter EndTime.',
    [stat('m1', 'a')],
    { EndTime: range.StartTime },
  ],
  [
    'The values for parameter id in MetricDataQueries are not unique.',
    [stat('m1', 'a'), stat('m1', 'b')],
    {},
  ],
  [
    'The value for parameter MetricDataQueries.member.1.Id is invalid: must be letters, digits and underscores after a small letter.',
    [stat('M1', 'a')],
    {},
  ],
  ['The parameter MetricDataQueries.member.1.Id is required.', [{ ...stat('m1', 'a'), Id: undefined }], {}],
  [
    'The value for parameter MetricDataQueries.member.1.MetricStat.Period is invalid: must be 1, 5, 10, 20, 30 or a multiple of 60 up to 86400.',
    [stat('m1', 'a', { Period: 45 })],
    {},
  ],
  [
    'The value tm90 for parameter MetricDataQueries.member.2.MetricStat.Stat is not supported.',
    [stat('m1', 'a'), stat('m2', 'a', { Stat: 'tm90' })],
    {},
  ],
  [
    'The parameters MetricDataQueries.member.1.Expression and MetricDataQueries.member.1.MetricStat are mutually exclusive and you have specified both.',
    [stat('m1', 'a', { Expression: 'm1' })],
    {},
  ],
  [
    'Either of the parameters MetricDataQueries.member.1.Expression and MetricDataQueries.member.1.MetricStat must be specified.',
    [{ Id: 'm1' }],
    {},
  ],
  [
    'At least one of the MetricDataQueries must have ReturnData set to true.',
    [stat('m1', 'a', { ReturnData: false })],
    {},
  ],
  ["Error in expression 'e1': there is no query m1", [{ Id: 'e1', Expression: 'm1' }], {}],
  ["Error in expression 'e1': e1 refers to itself", [{ Id: 'e1', Expression: 'e1 + 1' }], {}],
  [
    "Error in expression 'e2': e1 refers to itself",
    [
      { Id: 'e1', Expression: 'e2' },
      { Id: 'e2', Expression: 'e1' },
    ],
    {},
  ],
  ["Error in expression 'e1': ')' is missing before the end", [{ Id: 'e1', Expression: '(1' }], {}],
  [
    "Error in expression 'e1': it comes to a number, where a time series is expected",
    [{ Id: 'e1', Expression: '1 + 1' }],
    {},
  ],
  [
    "Error in expression 'e1': over 100800 points",
    [stat('m1', 'a', { Period: 1 }), { Id: 'e1', Expression: 'FILL(m1, 0)' }],
    { StartTime: new Date(0) },
  ],
  ['The value for parameter NextToken is invalid.', [stat('m1', 'a')], { NextToken: 'x' }],
  [
    'The parameter MetricDataQueries.member.1.AccountId is not supported here.',
    [stat('m1', 'a', { AccountId: '123456789012' })],
    {},
  ],
])('%s', async (message, queries, input) => {
  const { client } = await startTestCloudWatch()
  const command = new GetMetricDataCommand({ ...range, MetricDataQueries: queries, ...input })
  await expect(client.send(command)).rejects.toMatchObject({
    name: 'ValidationException',
    Error: { Code: 'ValidationError' },
    message,
  })
})
