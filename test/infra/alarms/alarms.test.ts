import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { metric, metricsDimension } from '../../../consumers/settings.ts'
import { monitored, propertiesOf } from '../monitored.ts'

const statSchema = z.looseObject({
  Metric: z.object({
    Namespace: z.string(),
    MetricName: z.string(),
    Dimensions: z.array(z.object({ Name: z.string(), Value: z.unknown() })),
  }),
  Period: z.number(),
  Stat: z.string(),
})
const alarmSchema = z.looseObject({
  AlarmName: z.string(),
  AlarmDescription: z.string(),
  AlarmActions: z.array(z.unknown()).default([]),
  OKActions: z.array(z.unknown()).default([]),
})
const metricAlarmSchema = alarmSchema.extend({
  ComparisonOperator: z.literal('GreaterThanOrEqualToThreshold'),
  TreatMissingData: z.string(),
  Threshold: z.number(),
  EvaluationPeriods: z.number(),
  DatapointsToAlarm: z.number().optional(),
  MetricName: z.string().optional(),
  Namespace: z.string().optional(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: z.unknown() })).optional(),
  Statistic: z.string().optional(),
  Period: z.number().optional(),
  Metrics: z
    .array(
      z.looseObject({ Id: z.string(), Expression: z.string().optional(), MetricStat: statSchema.optional() }),
    )
    .default([]),
})

const { template } = monitored()

const byLogicalId = propertiesOf(template, 'AWS::CloudWatch::Alarm')
const alarms = Array.from(byLogicalId.values(), (properties) => metricAlarmSchema.parse(properties))
const composites = Array.from(
  propertiesOf(template, 'AWS::CloudWatch::CompositeAlarm').values(),
  (properties) => alarmSchema.extend({ AlarmRule: z.string() }).parse(properties),
)

/** The alarm of that name, of the pipeline of clicks unless it says otherwise. */
function alarm(name: string, of = 'clicks'): z.infer<typeof metricAlarmSchema> {
  const found = alarms.find(({ AlarmName: each }) => each === `shop-${of}-${name}`)
  if (found === undefined) throw new Error(`no alarm ${name}`)
  return found
}

const lossAlarms = [
  'about-to-lose-records',
  'stalled',
  'batches-discarded',
  'records-dropped',
  'failure-destination-unreachable',
  'records-uncounted',
]
const troubleAlarms = [
  'falling-behind',
  'function-errors',
  'function-throttled',
  'records-rejected',
  'records-unfinished',
  'store-failing',
  'store-limits-reached',
  'lanes-busy',
]
const sourceAlarms = ['writes-throttled', 'reads-throttled']

it('every pipeline has the same alarms, and every source its own, once for all of its pipelines', () => {
  const ofPipelines = ['clicks', 'sales', 'orders'].flatMap((pipeline) =>
    [...lossAlarms, ...troubleAlarms].map((name) => `shop-${pipeline}-${name}`),
  )
  const ofSources = ['ClicksStream', 'OrdersTable'].flatMap((source) =>
    sourceAlarms.map((name) => `shop-${source}-${name}`),
  )
  expect(alarms.map(({ AlarmName: name }) => name).sort()).toEqual([...ofPipelines, ...ofSources].sort())
})

describe('thresholds', () => {
  it.each([
    // Ten times the expected lag, for five minutes; half of the record age, once in 15, so that it does not come and go.
    ['falling-behind', 'IteratorAge', 'Maximum', 60, 90_000, 5, 5],
    ['about-to-lose-records', 'IteratorAge', 'Maximum', 60, 900_000, 1, 15],
    ['function-errors', 'Errors', 'Sum', 300, 3, 1, 1],
    ['function-throttled', 'Throttles', 'Sum', 60, 1, 3, 5],
    ['failure-destination-unreachable', 'DestinationDeliveryFailures', 'Sum', 60, 1, 1, 15],
  ])('%s: %s of the function', (name, metricName, stat, period, threshold, datapoints, periods) => {
    expect(alarm(name)).toMatchObject({
      Namespace: 'AWS/Lambda',
      MetricName: metricName,
      Dimensions: [{ Name: 'FunctionName', Value: expect.stringMatching(/^{clicksfunction/) as unknown }],
      Statistic: stat,
      Period: period,
      Threshold: threshold,
      EvaluationPeriods: periods,
    })
    expect(alarm(name).DatapointsToAlarm ?? periods).toBe(datapoints)
  })

  it.each([
    ['batches-discarded', 'OnFailureDestinationDeliveredEventCount'],
    ['records-dropped', 'DroppedEventCount'],
  ])('%s: the first record that the mapping gives up', (name, metricName) => {
    expect(alarm(name)).toMatchObject({
      Namespace: 'AWS/Lambda',
      MetricName: metricName,
      Dimensions: [{ Name: 'EventSourceMappingUUID', Value: 'clicks-mapping' }],
      Statistic: 'Sum',
      Period: 60,
      Threshold: 1,
      DatapointsToAlarm: 1,
      EvaluationPeriods: 15,
    })
  })

  // Stages of one account have pipelines of the same names: their namespaces keep them apart.
  it.each([
    ['records-unfinished', metric.unfinished],
    ['store-limits-reached', metric.storeLimitRefusals],
  ])('%s: most of five minutes', (name, metricName) => {
    expect(alarm(name)).toMatchObject({
      Namespace: 'shop',
      MetricName: metricName,
      Dimensions: [{ Name: metricsDimension, Value: 'clicks' }],
      Statistic: 'Sum',
      Threshold: 1,
      EvaluationPeriods: 5,
      DatapointsToAlarm: 3,
    })
  })

  it.each([
    ['stalled', 'IF(FILL(written, 0) > 0 AND FILL(invocations, 0) == 0, 1, 0)', 300, 1, 3],
    ['records-uncounted', 'rejected - invalid - late', 60, 1, 15],
    ['records-rejected', 'IF(rejected >= 10, 100 * rejected / records, 0)', 300, 1, 2],
    ['store-failing', 'IF(requests >= 20, 100 * failures / requests, 0)', 60, 5, 5],
    // Six lanes: three shards of two.
    ['lanes-busy', '100 * duration / (1000 * PERIOD(duration) * 6)', 300, 80, 3],
  ])('%s: %s', (name, expression, period, threshold, periods) => {
    const { Metrics: metrics, ...rest } = alarm(name)
    expect(rest).toMatchObject({ Threshold: threshold, EvaluationPeriods: periods })
    expect(metrics.flatMap(({ Expression: each }) => each ?? [])).toEqual([expression])
    const stats = metrics.flatMap(({ MetricStat: stat }) => stat ?? [])
    expect(stats.map(({ Period, Stat }) => [Period, Stat])).toEqual(stats.map(() => [period, 'Sum']))
  })

  it('every metric in an expression is the one that its name says', () => {
    const named = alarms.flatMap(({ Metrics: metrics }) =>
      metrics.flatMap(({ Id: id, MetricStat: stat }) => (stat ? [`${id} = ${stat.Metric.MetricName}`] : [])),
    )
    expect([...new Set(named)].sort()).toEqual([
      'duration = Duration',
      'failures = StoreFailures',
      'invalid = Invalid',
      'invocations = Invocations',
      'late = Late',
      'records = Records',
      'rejected = Rejected',
      'requests = StoreRequests',
      'throttles = ReadProvisionedThroughputExceeded',
      'throttles = ReadThrottleEvents',
      'throttles = WriteProvisionedThroughputExceeded',
      'throttles = WriteThrottleEvents',
      'written = ConsumedWriteCapacityUnits',
      'written = IncomingRecords',
    ])
  })
})

describe('missing data', () => {
  it('is never a breach', () => {
    expect(new Set(alarms.map(({ TreatMissingData: missing }) => missing))).toEqual(new Set(['notBreaching']))
  })

  it('is filled up in every alarm on a table, which would keep its state without', () => {
    const ofTables = alarms.filter(({ Namespace, Metrics: metrics }) =>
      [Namespace, ...metrics.map(({ MetricStat: stat }) => stat?.Metric.Namespace)].includes('AWS/DynamoDB'),
    )
    expect(ofTables.map(({ AlarmName: name }) => name).sort()).toEqual([
      'shop-OrdersTable-reads-throttled',
      'shop-OrdersTable-writes-throttled',
      'shop-orders-stalled',
    ])
    for (const { Metrics: metrics } of ofTables) {
      const [expression = ''] = metrics.flatMap(({ Expression: each }) => each ?? [])
      const ids = metrics.flatMap(({ Id: id, MetricStat: stat }) => (stat ? [id] : []))
      expect(ids.filter((id) => !expression.includes(`FILL(${id}, 0)`))).toEqual([])
    }
  })
})

describe('who is called', () => {
  const topic = [expect.stringMatching(/^{AlarmTopic[0-9A-F]{8}}$/) as unknown]

  it('by a pipeline: once, when the first of its alarms goes off, and again when the last is over', () => {
    expect(composites.map(({ AlarmName: name }) => name)).toEqual(
      ['clicks', 'sales', 'orders'].map((name) => `shop-${name}-needs-attention`),
    )
    for (const composite of composites)
      expect(composite).toMatchObject({ AlarmActions: topic, OKActions: topic })
  })

  it('the composite alarm of a pipeline has all of its alarms, and none of others', () => {
    const logicalIds = [...byLogicalId.keys()].filter((id) => id.startsWith('Alarmsclicks'))
    expect(logicalIds).toHaveLength(lossAlarms.length + troubleAlarms.length)
    const rule = composites[0]?.AlarmRule.slice(1, -1).split(' OR ')
    expect(rule?.sort()).toEqual(logicalIds.sort().map((id) => `ALARM("{${id}.Arn}")`))
  })

  it.each(lossAlarms)('by what means loss, whatever else is wrong: %s', (name) => {
    expect(alarm(name)).toMatchObject({ AlarmActions: topic, OKActions: topic })
  })

  it.each(troubleAlarms)('by %s through the composite alarm alone', (name) => {
    expect(alarm(name)).toMatchObject({ AlarmActions: [], OKActions: [] })
  })

  it.each(sourceAlarms)('by %s, which belongs to no pipeline', (name) => {
    for (const source of ['ClicksStream', 'OrdersTable'])
      expect(alarm(name, source)).toMatchObject({ AlarmActions: topic, OKActions: topic })
  })
})

describe('the description', () => {
  const named = [...alarms, ...composites]

  it('ends with the section of the runbook that has the alarm’s name: a path, right in every clone', () => {
    for (const { AlarmName: name, AlarmDescription: description } of named) {
      const [, section] = / What to do: infra\/RUNBOOK\.md#([a-z-]+)$/.exec(description) ?? []
      expect(name.endsWith(`-${section}`)).toBe(true)
    }
  })

  it('ends with a link where the app is told the address', () => {
    const url = 'https://git.example/shop/infra/RUNBOOK.md'
    const { stack } = monitored({ runbookUrl: url })
    const linked = stack.node
      .findAll()
      .flatMap((each) => ('alarmDescription' in each ? [String(each.alarmDescription)] : []))
    expect(linked).toHaveLength(named.length)
    for (const description of linked) expect(description).toContain(`What to do: ${url}#`)
  })
})
