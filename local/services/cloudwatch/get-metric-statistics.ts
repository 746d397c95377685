import { z } from 'zod'
import { AwsServiceError } from '../aws-json-server.ts'
import { slotStart } from './metric-slots.ts'
import type { MetricStore } from './metric-store.ts'
import {
  dimensions,
  emptyRange,
  invalidParameter,
  metricName,
  namespace,
  parseInput,
  period,
  timestamp,
} from './request-input.ts'
import { simpleStatistics, statisticNamed } from './statistic.ts'

/** Source: CloudWatch API Reference, "GetMetricStatistics". */
const maximumDatapoints = 1_440

const inputSchema = z.strictObject({
  Namespace: namespace,
  MetricName: metricName,
  Dimensions: dimensions,
  StartTime: timestamp,
  EndTime: timestamp,
  Period: period,
  Statistics: z.array(z.string()).max(5).default([]),
  ExtendedStatistics: z.array(z.string()).max(10).default([]),
  Unit: z.string().optional(),
})

/**
 * Statistics of one metric in a range of time, a data point for each period that has values.
 *
 * Throws `InvalidParameterValue`, `MissingParameter`, and `InvalidParameterCombination` for over 1,440 periods, for
 * statistics of both kinds and for none.
 */
export function getMetricStatistics(store: MetricStore, input: unknown): object {
  const request = parseInput(inputSchema, input, invalidParameter)
  const { StartTime: startMs, EndTime: endMs, Period: periodMs, Statistics, ExtendedStatistics } = request
  if (startMs >= endMs) throw invalidParameter(emptyRange)
  if (Statistics.length + ExtendedStatistics.length === 0)
    throw invalidCombination('Must specify either Statistics or ExtendedStatistics.')
  if (Statistics.length > 0 && ExtendedStatistics.length > 0)
    throw invalidCombination('Must specify either Statistics or ExtendedStatistics, not both.')
  for (const name of Statistics) {
    if (!simpleStatistics.includes(name))
      throw invalidParameter(`The value ${name} for parameter Statistics is not supported.`)
  }
  for (const name of ExtendedStatistics) {
    if (simpleStatistics.includes(name) || statisticNamed(name) === undefined)
      throw invalidParameter(`The value ${name} for parameter ExtendedStatistics is not supported.`)
  }
  const requested = Math.ceil((endMs - startMs) / periodMs)
  if (requested > maximumDatapoints)
    throw invalidCombination(
      `You have requested up to ${requested} datapoints, which exceeds the limit of ${maximumDatapoints}. You may ` +
        `reduce the datapoints requested by increasing Period, or decreasing the time range.`,
    )
  const metric = { namespace: request.Namespace, name: request.MetricName, dimensions: request.Dimensions }
  const unit = store.get(metric)?.unit
  const isOtherUnit = request.Unit !== undefined && request.Unit !== unit
  const range = { startMs: slotStart(startMs, periodMs), endMs }
  const periods = isOtherUnit ? [] : store.inPeriods(metric, range, periodMs)
  const Datapoints = Array.from(periods, ([timeMs, set]) => {
    const valuesOf = (names: readonly string[]) =>
      Object.fromEntries(names.map((name) => [name, statisticNamed(name)?.(set)]))
    return {
      Timestamp: new Date(timeMs),
      ...valuesOf(Statistics),
      Unit: unit,
      ...(ExtendedStatistics.length > 0 && { ExtendedStatistics: valuesOf(ExtendedStatistics) }),
    }
  })
  return { Label: request.MetricName, Datapoints }
}

function invalidCombination(message: string): AwsServiceError {
  return new AwsServiceError('InvalidParameterCombination', message)
}
