/** What numbers are kept for: metrics that differ in any of the three, or in the set of their dimensions, are others. */
export interface Metric {
  readonly namespace: string
  readonly name: string
  /** Values by name, in any order; none is a set too. */
  readonly dimensions: Readonly<Record<string, string>>
}

/** The same text for the same metric, and for no other. */
export function metricKey({ namespace, name, dimensions }: Metric): string {
  return JSON.stringify([namespace, name, ...Object.entries(dimensions).sort(byName)])
}

function byName([one]: readonly [string, string], [other]: readonly [string, string]): number {
  return one < other ? -1 : 1
}
