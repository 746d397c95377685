import * as z from 'zod'

const emfSchema = z.looseObject({
  _aws: z.looseObject({
    CloudWatchMetrics: z.array(
      z.looseObject({
        Namespace: z.string(),
        Dimensions: z.array(z.array(z.string())),
        Metrics: z.array(z.looseObject({ Name: z.string() })),
      }),
    ),
  }),
})

/** Sums of the metrics that functions write in CloudWatch's embedded metric format. */
export class MetricSums {
  readonly #sums = new Map<string, number>()

  /** Adds the metrics of a log line; false for a line that is none. */
  add(line: string): boolean {
    if (!line.includes('"CloudWatchMetrics"')) return false
    const parsed = emfSchema.safeParse(asJson(line))
    if (!parsed.success) return false
    for (const { Namespace: namespace, Dimensions: dimensionSets, Metrics: metrics } of parsed.data._aws
      .CloudWatchMetrics) {
      for (const dimensions of dimensionSets) {
        const values = dimensions.map((dimension) => `${dimension}=${String(parsed.data[dimension])}`)
        for (const { Name: name } of metrics) {
          const key = metricKey(namespace, values, name)
          const value = [parsed.data[name]]
            .flat()
            .reduce<number>((sum, one) => (typeof one === 'number' ? sum + one : sum), 0)
          this.#sums.set(key, (this.#sums.get(key) ?? 0) + value)
        }
      }
    }
    return true
  }

  /** The sum of a metric for dimensions written as `name=value`; 0 where none was written. */
  sum(namespace: string, dimensions: readonly string[], name: string): number {
    return this.#sums.get(metricKey(namespace, dimensions, name)) ?? 0
  }
}

function asJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    // A function may log anything, this text included.
    return undefined
  }
}

function metricKey(namespace: string, dimensions: readonly string[], name: string): string {
  return JSON.stringify([namespace, [...dimensions].sort(), name])
}
