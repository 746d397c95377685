import { z } from 'zod'
import type { MetricStore } from './metric-store.ts'
import { metricQueries, type QueryResult, resultsOf } from './metric-queries.ts'
import { emptyRange, parseInput, timestamp, validationError } from './request-input.ts'
import { inOrder, maximumPoints } from './time-series.ts'

const inputSchema = z.strictObject({
  MetricDataQueries: metricQueries,
  StartTime: timestamp,
  EndTime: timestamp,
  ScanBy: z.enum(['TimestampAscending', 'TimestampDescending']).default('TimestampDescending'),
  MaxDatapoints: z.int().min(1).max(maximumPoints).default(maximumPoints),
  NextToken: z.string().optional(),
  // The zone of labels, which have no dates here.
  LabelOptions: z.unknown().optional(),
})

/** Where a page begins: a result, and the point before, if it is not the first. */
interface Place {
  readonly result: number
  readonly afterMs: number | undefined
}

/**
 * The series of metrics and expressions in a range of time, newest points first unless asked for otherwise. While there
 * is a `NextToken` there are more points; a series that goes on in the next page is `PartialData`.
 *
 * Throws `ValidationError` for what it does not take.
 */
export function getMetricData(store: MetricStore, input: unknown): object {
  const request = parseInput(inputSchema, input, validationError)
  const { StartTime: startMs, EndTime: endMs, ScanBy, MaxDatapoints, NextToken } = request
  if (startMs >= endMs) throw validationError(emptyRange)
  const results = resultsOf(store, request.MetricDataQueries, { startMs, endMs })
  const begin = NextToken === undefined ? { result: 0, afterMs: undefined } : placeOf(NextToken)
  const { outputs, next } = page(results, begin, MaxDatapoints, ScanBy === 'TimestampAscending' ? 1 : -1)
  return {
    MetricDataResults: outputs,
    Messages: [],
    ...(next !== undefined && { NextToken: `${next.result}-${next.afterMs ?? ''}` }),
  }
}

/** Results from a place on, as many points as one answer has. */
function page(results: readonly QueryResult[], begin: Place, most: number, direction: 1 | -1) {
  const outputs: object[] = []
  let left = most
  for (const [index, { id, label, series }] of results.entries()) {
    if (index < begin.result) continue
    if (left === 0) return { outputs, next: { result: index, afterMs: undefined } }
    const { afterMs } = index === begin.result ? begin : { afterMs: undefined }
    const ordered = direction === 1 ? inOrder(series) : inOrder(series).toReversed()
    const coming = ordered.filter(([timeMs]) => afterMs === undefined || (timeMs - afterMs) * direction > 0)
    const points = coming.slice(0, left)
    const isCut = points.length < coming.length
    left -= points.length
    outputs.push({
      Id: id,
      Label: label,
      Timestamps: points.map(([timeMs]) => new Date(timeMs)),
      Values: points.map(([, value]) => value),
      StatusCode: isCut ? 'PartialData' : 'Complete',
    })
    if (isCut) return { outputs, next: { result: index, afterMs: points.at(-1)?.[0] } }
  }
  return { outputs, next: undefined }
}

function placeOf(token: string): Place {
  const [, result, afterMs] = /^(\d{1,6})-(\d{0,15})$/.exec(token) ?? []
  if (result === undefined) throw validationError('The value for parameter NextToken is invalid.')
  return { result: Number(result), afterMs: afterMs ? Number(afterMs) : undefined }
}
