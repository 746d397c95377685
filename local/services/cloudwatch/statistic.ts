import { percentile, type StatisticSet } from './statistic-set.ts'

const simple: Readonly<Record<string, (set: StatisticSet) => number>> = {
  SampleCount: ({ count }) => count,
  Sum: ({ sum }) => sum,
  Average: ({ sum, count }) => sum / count,
  Minimum: ({ minimum }) => minimum,
  Maximum: ({ maximum }) => maximum,
}

/** The names of the statistics that are no percentile. */
export const simpleStatistics: readonly string[] = Object.keys(simple)

/**
 * What a statistic says of a set: one of the five simple ones, or a percentile such as `p99.9`. Undefined for others,
 * those among them that CloudWatch knows: trimmed and winsorized means, counts, sums and ranks.
 */
export function statisticNamed(name: string): ((set: StatisticSet) => number) | undefined {
  const [, percent] = /^p(100|\d{1,2}(?:\.\d{1,10})?)$/.exec(name) ?? []
  if (percent !== undefined) return (set) => percentile(set, Number(percent))
  return Object.hasOwn(simple, name) ? simple[name] : undefined
}
