import { type Metric, metricKey } from './metric.ts'
import { MetricSlots, type TimeRange } from './metric-slots.ts'
import { type StatisticSet, statisticSet } from './statistic-set.ts'

const secondMs = 1_000
const minuteMs = 60 * secondMs
/** So long values are told apart by the second, a quarter of an hour; CloudWatch does so for 3 hours. */
const keptSeconds = 15 * 60
/** So long they are told apart by the minute, a day; CloudWatch does so for 15 days. */
const keptMinutes = 24 * 60
/** CloudWatch takes values of at most 2 hours ahead. Source: CloudWatch API Reference, "PutMetricData". */
const maximumAheadMs = 2 * 60 * minuteMs
/** The metric that was written longest ago goes first. */
export const maximumMetrics = 5_000

/** A value, or so many of the same. */
export interface Sample {
  readonly value: number
  /** When it was so, epoch milliseconds. */
  readonly timestampMs: number
  /** As CloudWatch names units, such as `Count`. */
  readonly unit: string
  /** Default 1. */
  readonly count?: number
}

/** A metric that has values. */
export interface KnownMetric extends Metric {
  /** That of its first value. CloudWatch keeps values of other units apart; here they are added to it. */
  readonly unit: string
  /** When the latest of its values was so. */
  readonly latestMs: number
}

interface StoredMetric extends KnownMetric {
  latestMs: number
  sum: number
  readonly seconds: MetricSlots
  readonly minutes: MetricSlots
}

/** How {@link MetricStore} tells the time, and what it keeps. */
export interface MetricStoreOptions {
  /** Epoch milliseconds. */
  readonly nowMs: () => number
  /** Default: {@link maximumMetrics}. */
  readonly maximumMetrics?: number
}

/**
 * Metrics in memory: of each its values by the second for 15 minutes and by the minute for a day, as statistics and a
 * histogram. So a metric has at most 2,340 slots, each some 200 bytes, and 50 more for each bin of its histogram where its
 * values differ by over 2 %: half a megabyte for one value a second, under two for ten.
 */
export class MetricStore {
  readonly #options: Required<MetricStoreOptions>
  /** By key, the one that was written last at the end. */
  readonly #metrics = new Map<string, StoredMetric>()

  constructor(options: MetricStoreOptions) {
    this.#options = { maximumMetrics, ...options }
  }

  /** Adds a value. One that is no number, over a day old or over 2 hours ahead is not taken. */
  add(metric: Metric, { value, timestampMs, unit, count = 1 }: Sample): void {
    const nowMs = this.#options.nowMs()
    const isInTime = timestampMs > nowMs - keptMinutes * minuteMs && timestampMs <= nowMs + maximumAheadMs
    if (!Number.isFinite(value) || !isInTime) return
    const key = metricKey(metric)
    const stored = this.#metrics.get(key) ?? newMetric(metric, unit)
    this.#metrics.delete(key)
    this.#metrics.set(key, stored)
    const values = statisticSet(value, count)
    stored.sum += values.sum
    stored.latestMs = Math.max(stored.latestMs, timestampMs)
    stored.seconds.add(timestampMs, values, nowMs)
    stored.minutes.add(timestampMs, values, nowMs)
    const [oldest] = this.#metrics.keys()
    if (this.#metrics.size > this.#options.maximumMetrics && oldest !== undefined)
      this.#metrics.delete(oldest)
  }

  /** All metrics, by namespace, name and dimensions. */
  all(): KnownMetric[] {
    return [...this.#metrics].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, metric]) => metric)
  }

  /** The metric with exactly these dimensions. */
  get(metric: Metric): KnownMetric | undefined {
    return this.#metrics.get(metricKey(metric))
  }

  /** The sum of all its values since the beginning; 0 without any. */
  sum(metric: Metric): number {
    return this.#metrics.get(metricKey(metric))?.sum ?? 0
  }

  /**
   * What a metric with exactly these dimensions has in each period that begins in the range, by that beginning. Periods
   * are whole seconds and multiples of their length since the epoch; those that are no whole minutes reach back 15
   * minutes only.
   */
  inPeriods(metric: Metric, range: TimeRange, periodMs: number): ReadonlyMap<number, StatisticSet> {
    const stored = this.#metrics.get(metricKey(metric))
    const slots = periodMs % minuteMs === 0 ? stored?.minutes : stored?.seconds
    return slots?.inPeriods(range, periodMs) ?? new Map()
  }
}

function newMetric({ namespace, name, dimensions }: Metric, unit: string): StoredMetric {
  return {
    namespace,
    name,
    dimensions,
    unit,
    latestMs: Number.NEGATIVE_INFINITY,
    sum: 0,
    seconds: new MetricSlots(secondMs, keptSeconds),
    minutes: new MetricSlots(minuteMs, keptMinutes),
  }
}
