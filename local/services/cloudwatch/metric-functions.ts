import type { TimeRange } from './metric-slots.ts'
import {
  inOrder,
  isList,
  longestPeriod,
  numberAt,
  periodsIn,
  type TimeSeries,
  type Value,
} from './time-series.ts'

/** How FILL finds a missing point: a value, the last point before it, or a line between its neighbours. */
export type Filling = Value | 'REPEAT' | 'LINEAR'

/** Of one series a number, of several the series of the times at which any has a point. */
type Reduction = (numbers: readonly number[]) => number

const sum: Reduction = (numbers) => numbers.reduce((total, number) => total + number, 0)

/** Functions that make one of many. */
export const reductions: Readonly<Record<string, Reduction>> = {
  SUM: sum,
  AVG: (numbers) => sum(numbers) / numbers.length,
  MIN: (numbers) => numbers.reduce((least, number) => Math.min(least, number), Infinity),
  MAX: (numbers) => numbers.reduce((most, number) => Math.max(most, number), -Infinity),
}

/** Functions of one number, applied to each. */
export const numberFunctions: Readonly<Record<string, (value: number) => number>> = {
  ABS: Math.abs,
  CEIL: Math.ceil,
  FLOOR: Math.floor,
}

/** Functions that look at neighbouring points of a series. */
export const seriesFunctions: Readonly<Record<string, (series: TimeSeries) => TimeSeries | number>> = {
  PERIOD: ({ periodMs }) => periodMs / 1_000,
  RATE: (series) => changes(series, (change, elapsedMs) => change / (elapsedMs / 1_000)),
  DIFF: (series) => changes(series, (change) => change),
}

/** A number for a series without points too: 0 of a sum, none of the others. */
export function reduce(value: Value, reduction: Reduction): Value {
  if (typeof value === 'number') return value
  if (!isList(value)) return reduction([...value.points.values()])
  const times = new Set(value.flatMap(({ points }) => [...points.keys()]))
  const points = new Map<number, number>()
  for (const timeMs of times) {
    const numbers = value.flatMap((series) => series.points.get(timeMs) ?? [])
    points.set(timeMs, reduction(numbers))
  }
  return { periodMs: longestPeriod(value), points }
}

/** The second value where the first is true, which is other than 0; the third, or no point, where it is not. */
export function choose(condition: Value, met: Value, unmet?: Value): Value {
  if (typeof condition === 'number') {
    const chosen = condition === 0 ? unmet : met
    if (chosen === undefined) throw new Error('IF of a number lacks a value for when it is not met')
    return chosen
  }
  if (isList(condition)) throw new Error('IF takes no list as its condition')
  const points = new Map<number, number>()
  for (const [timeMs, isMet] of condition.points) {
    const chosen = isMet === 0 ? unmet : met
    const number = chosen === undefined ? undefined : numberAt(chosen, timeMs)
    if (number !== undefined) points.set(timeMs, number)
  }
  return { periodMs: condition.periodMs, points }
}

/** A series with a point in every period of the range, as far as the filling has one. */
export function fill(value: Value, filling: Filling, range: TimeRange): Value {
  if (typeof value === 'number') return value
  if (isList(value)) return value.map((series) => filled(series, filling, range))
  return filled(value, filling, range)
}

function filled(series: TimeSeries, filling: Filling, range: TimeRange): TimeSeries {
  const known = inOrder(series)
  const points = new Map<number, number>()
  // Of the points after the one at hand; moves on with the time.
  let after = 0
  for (const timeMs of periodsIn(range, series.periodMs)) {
    while ((known[after]?.[0] ?? Infinity) <= timeMs) after += 1
    const found =
      series.points.get(timeMs) ??
      (filling === 'REPEAT'
        ? known[after - 1]?.[1]
        : filling === 'LINEAR'
          ? between(known[after - 1], known[after], timeMs)
          : numberAt(filling, timeMs))
    if (found !== undefined) points.set(timeMs, found)
  }
  return { ...series, points }
}

type Point = readonly [timeMs: number, value: number]

function between(before: Point | undefined, after: Point | undefined, timeMs: number): number | undefined {
  if (before === undefined || after === undefined) return undefined
  const [startMs, start] = before
  const [endMs, end] = after
  return start + ((end - start) * (timeMs - startMs)) / (endMs - startMs)
}

function changes(series: TimeSeries, rate: (change: number, elapsedMs: number) => number): TimeSeries {
  const ordered = inOrder(series)
  const points = ordered.slice(1).map(([timeMs, value], index): Point => {
    const [beforeMs, before] = ordered[index] ?? [timeMs, value]
    return [timeMs, rate(value - before, timeMs - beforeMs)]
  })
  return { ...series, points: new Map(points) }
}

/** Applies a function of one series to a series, or to each of a list. */
export function applyToSeries(value: Value, apply: (series: TimeSeries) => TimeSeries | number): Value {
  if (typeof value === 'number') throw new Error('a metric is expected, not a number')
  if (!isList(value)) return apply(value)
  return value.flatMap((series) => {
    const applied = apply(series)
    return typeof applied === 'number' ? [] : [applied]
  })
}

/** What an operator makes of two numbers; comparisons are 1 or 0. */
export const operators = {
  '+': (a: number, b: number) => a + b,
  '-': (a: number, b: number) => a - b,
  '*': (a: number, b: number) => a * b,
  '/': (a: number, b: number) => a / b,
  '^': (a: number, b: number) => a ** b,
  '<': (a: number, b: number) => Number(a < b),
  '<=': (a: number, b: number) => Number(a <= b),
  '>': (a: number, b: number) => Number(a > b),
  '>=': (a: number, b: number) => Number(a >= b),
  '==': (a: number, b: number) => Number(a === b),
  '!=': (a: number, b: number) => Number(a !== b),
  '&&': (a: number, b: number) => Number(a !== 0 && b !== 0),
  '||': (a: number, b: number) => Number(a !== 0 || b !== 0),
}
