import { exactSum, type Measure, wholeNumber } from './measure.ts'
import { maximumSumBytes } from './sum.ts'

type MeanState = readonly [sum: number | bigint, count: number]

/**
 * The mean of whole numbers: their exact sum over their count, rounded once, to the nearest double. `undefined` of no
 * events. A value that is not a whole number within 2^53 rejects its record.
 */
export function mean<Event>(value: (event: Event) => number): Measure<Event, MeanState, number | undefined> {
  return {
    kind: 'mean',
    maximumStateBytes: 1 + maximumSumBytes + 9,
    empty: [0, 0],
    lift: (event) => [wholeNumber(value(event)), 1],
    merge: ([sumA, countA], [sumB, countB]) => [exactSum(sumA, sumB), countA + countB],
    result: ([sum, count]) => (count === 0 ? undefined : Number(sum) / count),
  }
}
