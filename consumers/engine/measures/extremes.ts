import { finite, maximumNumberBytes, type Measure, type MeasureOptions, withOptions } from './measure.ts'

/** Nothing, or the one value. */
type ExtremeState = readonly number[]

/** The smallest value; `undefined` of no events. A value that is not finite rejects its record. */
export function min<Event, const On extends string = never>(
  value: (event: Event) => number,
  options: MeasureOptions<Event, On> = {},
): Measure<Event, ExtremeState, number | undefined, NoInfer<On>> {
  return withOptions(
    extreme('min', value, (a, b) => a <= b),
    options,
  )
}

/** The largest value; `undefined` of no events. A value that is not finite rejects its record. */
export function max<Event, const On extends string = never>(
  value: (event: Event) => number,
  options: MeasureOptions<Event, On> = {},
): Measure<Event, ExtremeState, number | undefined, NoInfer<On>> {
  return withOptions(
    extreme('max', value, (a, b) => a >= b),
    options,
  )
}

function extreme<Event>(
  kind: string,
  value: (event: Event) => number,
  wins: (a: number, b: number) => boolean,
): Measure<Event, ExtremeState, number | undefined> {
  return {
    kind,
    maximumStateBytes: 1 + maximumNumberBytes,
    empty: [],
    lift: (event) => [finite(value(event))],
    merge: (a, b) => {
      const [valueA] = a
      const [valueB] = b
      if (valueA === undefined) return b
      return valueB === undefined || wins(valueA, valueB) ? a : b
    },
    result: ([state]) => state,
  }
}
