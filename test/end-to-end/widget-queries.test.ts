import { expect, test } from 'vitest'
import { queriesOf } from './widget-queries.ts'

function metric(Namespace: string, MetricName: string, dimensions: Readonly<Record<string, string>>) {
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }))
  return { Namespace, MetricName, Dimensions }
}

test('each metric of a widget is a query, shorthand written out', () => {
  const queries = queriesOf({
    type: 'metric',
    properties: {
      stat: 'Sum',
      period: 60,
      metrics: [
        ['Streamtally', 'Counted', 'service', 'flights', { label: 'counted', visible: true }],
        ['.', 'Rejected', '.', '.', { visible: true }],
        ['...', 'orders', { visible: true }],
        ['AWS/Lambda', 'Duration', 'FunctionName', 'tally', { stat: 'p99', period: 300, visible: true }],
        ['AWS/Lambda', 'Errors'],
      ],
    },
  })
  expect(queries.map(({ MetricStat }) => MetricStat)).toEqual([
    { Metric: metric('Streamtally', 'Counted', { service: 'flights' }), Stat: 'Sum', Period: 60 },
    { Metric: metric('Streamtally', 'Rejected', { service: 'flights' }), Stat: 'Sum', Period: 60 },
    { Metric: metric('Streamtally', 'Rejected', { service: 'orders' }), Stat: 'Sum', Period: 60 },
    { Metric: metric('AWS/Lambda', 'Duration', { FunctionName: 'tally' }), Stat: 'p99', Period: 300 },
    { Metric: metric('AWS/Lambda', 'Errors', {}), Stat: 'Sum', Period: 60 },
  ])
  expect(queries[0]?.Label).toBe('counted')
})

test('an expression refers to metrics by their ids, which may be hidden', () => {
  const queries = queriesOf({
    type: 'metric',
    properties: {
      metrics: [
        [{ expression: 'a / 1000', label: 'seconds', visible: true }],
        ['AWS/Lambda', 'IteratorAge', { id: 'a', visible: false }],
      ],
    },
  })
  expect(queries).toEqual([
    { Id: 'unnamed0', ReturnData: true, Label: 'seconds', Expression: 'a / 1000' },
    {
      Id: 'a',
      ReturnData: false,
      MetricStat: { Metric: metric('AWS/Lambda', 'IteratorAge', {}), Stat: 'Average', Period: 300 },
    },
  ])
})

test('a text asks for nothing', () => {
  expect(queriesOf({ type: 'text', properties: { markdown: '# title' } })).toEqual([])
})
