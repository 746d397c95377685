import { finite, type Measure } from './measure.ts'

/** Nothing, or the one value. */
type ExtremeState = readonly number[]

/** The smallest value; `undefined` of no events. A value that is not finite rejects its record. */
export function min<Event>(
  value: (event: Event) => number,
): Measure<Event, ExtremeState, number | undefined> {
  return extreme('min', value, Math.min)
}

/** The largest value; `undefined` of no events. A value that is not finite rejects its record. */
export function max<Event>(
  value: (event: Event) => number,
): Measure<Event, ExtremeState, number | undefined> {
  return extreme('max', value, Math.max)
}

function extreme<Event>(
  kind: string,
  value: (event: Event) => number,
  pick: (a: number, b: number) => number,
): Measure<Event, ExtremeState, number | undefined> {
  return {
    kind,
    maximumStateBytes: 1 + 9,
    empty: [],
    lift: (event) => [finite(value(event))],
    merge: ([a], [b]) => {
      if (a === undefined) return b === undefined ? [] : [b]
      return b === undefined ? [a] : [pick(a, b)]
    },
    result: ([state]) => state,
  }
}
