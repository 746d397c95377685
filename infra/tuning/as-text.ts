import { comparedPaces } from './backlog-pace.ts'
import { rounded } from './limits.ts'
import type { Tuning, Workload } from './tune.ts'

type Row = readonly [name: string, value: string, remark: string]

/** A recommendation in words and columns: settings with their reasons, what they come to, and how near the limits are. */
export function tuningAsText(workload: Workload, tuning: Tuning): string {
  const { reasons, limits, limitedBy, warnings } = tuning
  const backlogPaces = comparedPaces(workload, tuning)
  const settings: readonly Row[] = [
    ['shards', rounded(tuning.shardCount), reasons.shardCount],
    ['parallelization factor', rounded(tuning.parallelizationFactor), reasons.parallelizationFactor],
    ['batch size', `${rounded(tuning.batchSize)} records`, reasons.batchSize],
    ['batching window', duration(tuning.batchingWindowMs), reasons.batchingWindowMs],
    ['memory', `${rounded(tuning.memoryMb)} MB`, reasons.memoryMb],
    ['time-out', duration(tuning.timeoutMs), reasons.timeoutMs],
    ['reserved concurrency', rounded(tuning.reservedConcurrency), reasons.reservedConcurrency],
  ]
  const expected: readonly Row[] = [
    [
      'lag',
      duration(tuning.expectedLagMs),
      `of 99 of 100 records at most, the target being ${duration(workload.lagTargetMs)}`,
    ],
    ['catch-up', duration(tuning.catchUpAfterOutageMs), 'after an outage of an hour, at the mean load'],
    ['largest peak', `${rounded(tuning.capacityRecordsPerSecond)} records/s`, 'that these settings take'],
    [
      'a batch',
      `${rounded(tuning.recordsPerBatch)} records`,
      `${rounded(tuning.invocationsPerSecond)} invocations/s in all`,
    ],
    [
      'Momento',
      `${rounded(tuning.momentoRequestsPerSecond)} requests/s`,
      `priced as ${rounded(tuning.momentoUnitsPerSecond)} units of a kilobyte a second`,
    ],
  ]
  const oneLane = backlogPaces[0]?.recordsPerSecond ?? 0
  const paces: readonly Row[] = backlogPaces.map(({ factor, recordsPerSecond }) => [
    `at factor ${factor}`,
    `${rounded(recordsPerSecond)} records/s`,
    factor === 1
      ? 'by its lanes, where it gives as many to each of its readers'
      : `${rounded(recordsPerSecond / oneLane)} times as many`,
  ])
  const used: readonly Row[] = limits.map(({ name, used: now, most, unit }) => [
    name,
    `${rounded((100 * now) / most)} %`,
    `${rounded(now)} of ${rounded(most)} ${unit}`,
  ])
  const width = (rows: readonly Row[], column: 0 | 1): number =>
    Math.max(...rows.map((row) => row[column].length))
  const all = [...settings, ...expected, ...paces, ...used]
  const [names, values] = [width(all, 0), width(all, 1)]
  const part = (title: string, rows: readonly Row[]): string[] => [
    title,
    ...rows.map(([name, value, remark]) => `  ${name.padEnd(names)}  ${value.padStart(values)}  ${remark}`),
  ]
  return [
    ...part('settings', settings),
    ...part('to be expected at the peak', expected),
    ...part('a shard with a backlog', paces),
    ...part('limits, the nearest first', used),
    `limited by ${limitedBy}`,
    ...warnings.map((text) => `warning: ${text}`),
  ].join('\n')
}

function duration(ms: number): string {
  if (ms < 1_000) return `${rounded(ms)} ms`
  return ms < 120_000 ? `${rounded(ms / 1_000)} s` : `${rounded(ms / 60_000)} min`
}
