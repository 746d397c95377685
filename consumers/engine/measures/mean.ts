import { type Decimal, decimalKind, type DecimalOptions, maximumSumBytes, scaling } from './decimals.ts'
import {
  exactIntegerBytes,
  exactOpposite,
  exactSum,
  maximumNumberBytes,
  type MeasureOptions,
  type RetractableMeasure,
  withOptions,
} from './measure.ts'
import { quotient } from './quotient.ts'

type MeanState = readonly [sum: number | bigint, count: number]

/**
 * The mean of decimal numbers: their exact sum over their count, rounded once, to the nearest double. `undefined` of no
 * events. Takes and rejects the values that `sum` does.
 */
export function mean<Event, const On extends string = never>(
  value: (event: Event) => Decimal,
  options: MeasureOptions<Event, On> & DecimalOptions = {},
): RetractableMeasure<Event, MeanState, number | undefined, NoInfer<On>> {
  const { decimals = 0 } = options
  const scaled = scaling(decimals)
  const unitsPerOne = 10n ** BigInt(decimals)
  const measure: RetractableMeasure<Event, MeanState, number | undefined> = {
    kind: decimalKind('mean', decimals),
    maximumStateBytes: 1 + maximumSumBytes + maximumNumberBytes,
    empty: [0, 0],
    lift: (event) => [scaled(value(event)), 1],
    merge: (a, b) => [exactSum(a[0], b[0]), a[1] + b[1]],
    negate: ([sum, count]) => [exactOpposite(sum), 0 - count],
    stateBytes: (state) => 1 + exactIntegerBytes(state[0], maximumSumBytes) + maximumNumberBytes,
    // Of more retractions than events, which a reader meets when they come first, there is no mean.
    result: ([sum, count]) => (count > 0 ? quotient(BigInt(sum), BigInt(count) * unitsPerOne) : undefined),
  }
  return withOptions(measure, options)
}
