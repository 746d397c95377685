import * as z from 'zod'
import type { Metric } from '../services/cloudwatch/metric.ts'
import type { MetricStore, Sample } from '../services/cloudwatch/metric-store.ts'

/** Source: Amazon CloudWatch User Guide, "Specification: Embedded metric format". */
const emfSchema = z.looseObject({
  _aws: z.looseObject({
    /** Epoch milliseconds. */
    Timestamp: z.number().optional(),
    CloudWatchMetrics: z.array(
      z.looseObject({
        Namespace: z.string().min(1),
        Dimensions: z.array(z.array(z.string())),
        Metrics: z.array(z.looseObject({ Name: z.string().min(1), Unit: z.string().default('None') })),
      }),
    ),
  }),
})

/** A value of a metric, or several of one time. */
export interface EmbeddedValue {
  readonly metric: Metric
  readonly sample: Sample
}

/**
 * The metrics of a log line in CloudWatch's embedded metric format: each value once for each set of dimensions, at the
 * line's own time, or else when it was logged. A set that names a member which is not there, and values that are no
 * numbers, are left out. Undefined for a line that is none.
 */
export function embeddedMetrics(line: string, loggedMs: number): EmbeddedValue[] | undefined {
  if (!line.includes('"CloudWatchMetrics"')) return undefined
  const parsed = emfSchema.safeParse(asJson(line))
  if (!parsed.success) return undefined
  const { _aws: declared, ...members } = parsed.data
  const timestampMs = declared.Timestamp ?? loggedMs
  return declared.CloudWatchMetrics.flatMap(({ Namespace: namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((names) => {
      const dimensions = dimensionsOf(names, members)
      if (dimensions === undefined) return []
      return Metrics.flatMap(({ Name: name, Unit: unit }) =>
        [members[name]]
          .flat()
          .filter((value) => typeof value === 'number')
          .map((value) => ({
            metric: { namespace, name, dimensions },
            sample: { value, timestampMs, unit },
          })),
      )
    }),
  )
}

/** Keeps the metrics of a log line; false for a line that is none. */
export function keepEmbeddedMetrics(store: MetricStore, line: string, loggedMs: number): boolean {
  const values = embeddedMetrics(line, loggedMs)
  for (const { metric, sample } of values ?? []) store.add(metric, sample)
  return values !== undefined
}

function dimensionsOf(
  names: readonly string[],
  members: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string>> | undefined {
  const dimensions: Record<string, string> = {}
  for (const name of names) {
    const value = members[name]
    if (typeof value !== 'string' && typeof value !== 'number') return undefined
    dimensions[name] = String(value)
  }
  return dimensions
}

function asJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    // A function may log anything, this text included.
    return undefined
  }
}
