import { slotStart, type TimeRange } from './metric-slots.ts'

/** Of an answer. Source: CloudWatch API Reference, "GetMetricData". */
export const maximumPoints = 100_800

/** Numbers at times that are multiples of a period. */
export interface TimeSeries {
  readonly periodMs: number
  /** By time, epoch milliseconds, in any order. */
  readonly points: ReadonlyMap<number, number>
  /** What it is called where it is one of several of an expression. */
  readonly label?: string
}

/** What an expression, or a part of one, comes to. */
export type Value = number | TimeSeries | readonly TimeSeries[]

export function isList(value: Value): value is readonly TimeSeries[] {
  return Array.isArray(value)
}

/**
 * Applies a function to numbers, to series wherever all of them have a point, and to lists item by item. A point that
 * would be no finite number is left out.
 * @throws Error for lists of different lengths
 */
export function mapValues(values: readonly Value[], apply: (...numbers: number[]) => number): Value {
  const lists = values.filter(isList)
  const [first] = lists
  if (first !== undefined) {
    if (lists.some(({ length }) => length !== first.length)) throw new Error('lists differ in length')
    return first.flatMap((_, index) => {
      const items = values.map((value) => (isList(value) ? (value[index] ?? 0) : value))
      const mapped = mapValues(items, apply)
      return typeof mapped === 'number' || isList(mapped) ? [] : [withLabelOf(first[index], mapped)]
    })
  }
  const series = values.filter((value) => typeof value !== 'number') as TimeSeries[]
  if (series.length === 0) return apply(...(values as number[]))
  const points = new Map<number, number>()
  for (const timeMs of series[0]?.points.keys() ?? []) {
    const numbers = values.map((value) => numberAt(value, timeMs))
    if (!numbers.every((number) => number !== undefined)) continue
    const result = apply(...numbers)
    if (Number.isFinite(result)) points.set(timeMs, result)
  }
  return { periodMs: longestPeriod(series), points }
}

/** The number, or that of a series at a time, if it has one then. */
export function numberAt(value: Value, timeMs: number): number | undefined {
  if (typeof value === 'number') return value
  return isList(value) ? undefined : value.points.get(timeMs)
}

export function longestPeriod(series: readonly TimeSeries[]): number {
  return Math.max(0, ...series.map(({ periodMs }) => periodMs))
}

/**
 * The beginnings of all periods in a range, the one in which it begins among them.
 * @throws Error for more than an answer could have
 */
export function* periodsIn({ startMs, endMs }: TimeRange, periodMs: number): Generator<number> {
  // The period of no series at all.
  if (periodMs === 0) return
  if ((endMs - startMs) / periodMs > maximumPoints) throw new Error(`over ${maximumPoints} points`)
  for (let timeMs = slotStart(startMs, periodMs); timeMs < endMs; timeMs += periodMs) yield timeMs
}

/** Its points in the order of time. */
export function inOrder({ points }: TimeSeries): (readonly [timeMs: number, value: number])[] {
  return [...points].sort(([one], [other]) => one - other)
}

function withLabelOf(named: TimeSeries | undefined, series: TimeSeries): TimeSeries {
  return named?.label === undefined ? series : { ...series, label: named.label }
}
