import { z } from 'zod'
import { AwsServiceError } from '../aws-json-server.ts'
import type { KnownMetric, MetricStore } from './metric-store.ts'
import { invalidParameter, metricName, namespace, parseInput } from './request-input.ts'

/** Source: CloudWatch API Reference, "ListMetrics". */
const maximumPageMetrics = 500
const recentMs = 3 * 60 * 60_000

const inputSchema = z.strictObject({
  Namespace: namespace.optional(),
  MetricName: metricName.optional(),
  Dimensions: z
    .array(z.strictObject({ Name: z.string().min(1), Value: z.string().optional() }))
    .max(10)
    .default([]),
  RecentlyActive: z.literal('PT3H').optional(),
  NextToken: z.string().optional(),
})

/**
 * The metrics that have values, 500 a page: those of a namespace, of a name, and that have certain dimensions among
 * theirs, with any value where none is given.
 *
 * Throws `InvalidParameterValue` and `InvalidNextToken`.
 */
export function listMetrics(store: MetricStore, nowMs: number, input: unknown): object {
  const request = parseInput(inputSchema, input, (message) => invalidParameter(message))
  const isWanted = ({ namespace: of, name, dimensions, latestMs }: KnownMetric): boolean =>
    (request.Namespace === undefined || of === request.Namespace) &&
    (request.MetricName === undefined || name === request.MetricName) &&
    (request.RecentlyActive === undefined || latestMs > nowMs - recentMs) &&
    request.Dimensions.every(
      ({ Name, Value }) =>
        Object.hasOwn(dimensions, Name) && (Value === undefined || dimensions[Name] === Value),
    )
  const found = store.all().filter(isWanted)
  const start = request.NextToken === undefined ? 0 : startOf(request.NextToken)
  const end = start + maximumPageMetrics
  return {
    Metrics: found.slice(start, end).map((metric) => ({
      Namespace: metric.namespace,
      MetricName: metric.name,
      Dimensions: Object.entries(metric.dimensions).map(([Name, Value]) => ({ Name, Value })),
    })),
    ...(end < found.length && { NextToken: String(end) }),
  }
}

function startOf(token: string): number {
  if (/^\d{1,9}$/.test(token)) return Number(token)
  throw new AwsServiceError('InvalidNextToken', 'The specified NextToken is invalid.')
}
