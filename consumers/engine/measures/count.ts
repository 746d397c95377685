import { type MeasureOptions, type RetractableMeasure, withOptions } from './measure.ts'

/** How many events. */
export function count<Event, const On extends string = never>(
  options: MeasureOptions<Event, On> = {},
): RetractableMeasure<Event, number, number, NoInfer<On>> {
  const measure: RetractableMeasure<Event, number, number> = {
    kind: 'count',
    maximumStateBytes: 9,
    empty: 0,
    lift: () => 1,
    merge: (a, b) => a + b,
    negate: (state) => 0 - state,
    result: (state) => state,
  }
  return withOptions(measure, options)
}
