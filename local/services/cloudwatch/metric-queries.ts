import { z } from 'zod'
import { AwsServiceError } from '../aws-json-server.ts'
import { evaluateExpression } from './evaluate-expression.ts'
import { maximumExpressionCharacters, parseExpression } from './expression.ts'
import { slotStart, type TimeRange } from './metric-slots.ts'
import type { MetricStore } from './metric-store.ts'
import { dimensions, metricName, namespace, period, validationError } from './request-input.ts'
import { statisticNamed } from './statistic.ts'
import { isList, type TimeSeries, type Value } from './time-series.ts'

const maximumQueries = 500

const metricStat = z.strictObject({
  Metric: z.strictObject({ Namespace: namespace, MetricName: metricName, Dimensions: dimensions }),
  Period: period,
  Stat: z.string(),
  Unit: z.string().optional(),
})

/** The queries of GetMetricData. */
export const metricQueries = z
  .array(
    z.strictObject({
      Id: z
        .string()
        .max(255)
        .regex(/^[a-z]\w*$/, 'must be letters, digits and underscores after a small letter'),
      MetricStat: metricStat.optional(),
      Expression: z.string().min(1).max(maximumExpressionCharacters).optional(),
      Label: z.string().optional(),
      ReturnData: z.boolean().default(true),
      // Of SEARCH and SQL alone, neither of which is there.
      Period: period.optional(),
    }),
  )
  .min(1)
  .max(maximumQueries)

export type MetricQuery = z.output<typeof metricQueries>[number]
type MetricStat = z.output<typeof metricStat>

/** A series of an answer. */
export interface QueryResult {
  readonly id: string
  readonly label: string
  readonly series: TimeSeries
}

/**
 * The series of all queries whose data is to be returned, in their order; an expression may have several.
 *
 * Throws `ValidationError` for queries that are not one thing, ids that are not unique, statistics that are not there,
 * and expressions that cannot be read, refer to nothing or to themselves, or come to a number alone.
 */
export function resultsOf(
  store: MetricStore,
  queries: readonly MetricQuery[],
  range: TimeRange,
): QueryResult[] {
  assertQueries(queries)
  const valueOf = evaluator(store, queries, range)
  return queries.flatMap((query) => {
    const value = valueOf(query)
    if (!query.ReturnData) return []
    if (typeof value === 'number')
      throw inExpression(query, 'it comes to a number, where a time series is expected')
    const label = query.Label ?? query.MetricStat?.Metric.MetricName ?? query.Id
    if (!isList(value)) return { id: query.Id, label, series: value }
    return value.map((series) => ({ id: query.Id, label: query.Label ?? series.label ?? query.Id, series }))
  })
}

function assertQueries(queries: readonly MetricQuery[]): void {
  const ids = new Set(queries.map(({ Id }) => Id))
  if (ids.size < queries.length)
    throw validationError('The values for parameter id in MetricDataQueries are not unique.')
  for (const [index, { Expression, MetricStat }] of queries.entries()) {
    const member = `MetricDataQueries.member.${index + 1}`
    if (Expression !== undefined && MetricStat !== undefined)
      throw validationError(
        `The parameters ${member}.Expression and ${member}.MetricStat are mutually exclusive and you have specified both.`,
      )
    if (Expression === undefined && MetricStat === undefined)
      throw validationError(
        `Either of the parameters ${member}.Expression and ${member}.MetricStat must be specified.`,
      )
    if (MetricStat !== undefined && statisticNamed(MetricStat.Stat) === undefined)
      throw validationError(
        `The value ${MetricStat.Stat} for parameter ${member}.MetricStat.Stat is not supported.`,
      )
  }
  if (!queries.some(({ ReturnData }) => ReturnData))
    throw validationError('At least one of the MetricDataQueries must have ReturnData set to true.')
}

function evaluator(store: MetricStore, queries: readonly MetricQuery[], range: TimeRange) {
  const values = new Map<string, Value | 'being evaluated'>()
  const valueOf = (query: MetricQuery): Value => {
    const known = values.get(query.Id)
    if (known === 'being evaluated') throw new Error(`${query.Id} refers to itself`)
    if (known !== undefined) return known
    values.set(query.Id, 'being evaluated')
    const { MetricStat, Expression = '' } = query
    const value = MetricStat === undefined ? evaluated(query, Expression) : seriesOf(store, MetricStat, range)
    values.set(query.Id, value)
    return value
  }
  const scope = {
    range,
    query: (id: string): Value => {
      const query = queries.find(({ Id }) => Id === id)
      if (query === undefined) throw new Error(`there is no query ${id}`)
      return valueOf(query)
    },
    metrics: (text: string): TimeSeries[] =>
      queries.flatMap(({ Id, Label, MetricStat }) => {
        if (MetricStat === undefined || !Id.includes(text)) return []
        return { ...seriesOf(store, MetricStat, range), label: Label ?? MetricStat.Metric.MetricName }
      }),
  }
  const evaluated = (query: MetricQuery, expression: string): Value => {
    try {
      return evaluateExpression(parseExpression(expression), scope)
    } catch (error) {
      // One that it refers to is wrong.
      if (error instanceof AwsServiceError) throw error
      throw inExpression(query, error instanceof Error ? error.message : String(error))
    }
  }
  return valueOf
}

function seriesOf(
  store: MetricStore,
  { Metric, Period: periodMs, Stat, Unit }: MetricStat,
  range: TimeRange,
): TimeSeries {
  const { Namespace, MetricName: name, Dimensions } = Metric
  const metric = { namespace: Namespace, name, dimensions: Dimensions }
  const statistic = statisticNamed(Stat)
  const isOtherUnit = Unit !== undefined && store.get(metric)?.unit !== Unit
  if (statistic === undefined || isOtherUnit) return { periodMs, points: new Map() }
  const periods = store.inPeriods(metric, { ...range, startMs: slotStart(range.startMs, periodMs) }, periodMs)
  const points = new Map(Array.from(periods, ([startMs, set]) => [startMs, statistic(set)]))
  return { periodMs, points }
}

function inExpression({ Id }: MetricQuery, what: string): AwsServiceError {
  return validationError(`Error in expression '${Id}': ${what}`)
}
