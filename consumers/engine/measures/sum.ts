import { exactSum, type Measure, wholeNumber } from './measure.ts'

/**
 * The exact sum of whole numbers (money in minor units, metres, milliseconds). A number within 2^53, a bigint beyond.
 * A value that is not a whole number within 2^53 rejects its record.
 */
export function sum<Event>(
  value: (event: Event) => number,
): Measure<Event, number | bigint, number | bigint> {
  return {
    kind: 'sum',
    maximumStateBytes: maximumSumBytes,
    empty: 0,
    lift: (event) => wholeNumber(value(event)),
    merge: exactSum,
    result: (state) => state,
  }
}

/** A sum of 2^40 values within 2^53 takes 93 bits: two words of 64 in a msgpack extension, with its header. */
export const maximumSumBytes = 18
