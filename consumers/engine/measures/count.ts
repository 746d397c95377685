import type { Measure } from './measure.ts'

/** How many events. */
export function count(): Measure<unknown, number, number> {
  return {
    kind: 'count',
    maximumStateBytes: 9,
    empty: 0,
    lift: () => 1,
    merge: (a, b) => a + b,
    result: (state) => state,
  }
}
