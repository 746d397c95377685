import { type Decimal, decimalKind, type DecimalOptions, maximumSumBytes, scaling } from './decimals.ts'
import {
  exactIntegerBytes,
  exactOpposite,
  exactSquare,
  exactSum,
  maximumNumberBytes,
  type MeasureOptions,
  type RetractableMeasure,
  withOptions,
} from './measure.ts'
import { quotient } from './quotient.ts'

/** The moments of the values: whole numbers of the smallest unit, so that they are exact. */
type Moments = readonly [count: number, sum: number | bigint, squares: number | bigint]

/** Of a variance or a standard deviation. */
export interface SpreadOptions extends DecimalOptions {
  /** Estimates that of the population which the events are a sample of. Default: that of the events themselves. */
  readonly sample?: boolean
}

/** Sums of 2^40 squares of 38 digits take 294 bits: five words of 64 in a msgpack extension, with its header. */
const maximumSquaresBytes = 43

/**
 * The variance of decimal numbers, computed from exact moments and rounded once, to the nearest double: large values
 * close together lose nothing. `undefined` of no events, and of fewer than two where they are a sample. Takes and
 * rejects the values that `sum` does.
 */
export function variance<Event, const On extends string = never>(
  value: (event: Event) => Decimal,
  options: MeasureOptions<Event, On> & SpreadOptions = {},
): RetractableMeasure<Event, Moments, number | undefined, NoInfer<On>> {
  return spread('variance', value, options, (exact) => exact)
}

/** The square root of the variance that the same options give. */
export function standardDeviation<Event, const On extends string = never>(
  value: (event: Event) => Decimal,
  options: MeasureOptions<Event, On> & SpreadOptions = {},
): RetractableMeasure<Event, Moments, number | undefined, NoInfer<On>> {
  return spread('standard-deviation', value, options, Math.sqrt)
}

function spread<Event, const On extends string>(
  name: string,
  value: (event: Event) => Decimal,
  options: MeasureOptions<Event, On> & SpreadOptions,
  ofVariance: (exact: number) => number,
): RetractableMeasure<Event, Moments, number | undefined, NoInfer<On>> {
  const { decimals = 0, sample = false } = options
  const scaled = scaling(decimals)
  const measure: RetractableMeasure<Event, Moments, number | undefined> = {
    kind: decimalKind(sample ? `sample-${name}` : name, decimals),
    maximumStateBytes: 1 + maximumNumberBytes + maximumSumBytes + maximumSquaresBytes,
    empty: [0, 0, 0],
    lift: (event) => {
      const units = scaled(value(event))
      return [1, units, exactSquare(units)]
    },
    merge: (a, b) => [a[0] + b[0], exactSum(a[1], b[1]), exactSum(a[2], b[2])],
    negate: ([count, sum, squares]) => [0 - count, exactOpposite(sum), exactOpposite(squares)],
    stateBytes: (state) =>
      1 +
      maximumNumberBytes +
      exactIntegerBytes(state[1], maximumSumBytes) +
      exactIntegerBytes(state[2], maximumSquaresBytes),
    result: (state) => {
      const exact = varianceOf(state, sample, decimals)
      return exact === undefined ? undefined : ofVariance(exact)
    },
  }
  return withOptions(measure, options)
}

function varianceOf([count, sum, squares]: Moments, sample: boolean, decimals: number): number | undefined {
  const degrees = sample ? count - 1 : count
  if (degrees <= 0) return undefined
  const n = BigInt(count)
  const deviations = n * BigInt(squares) - BigInt(sum) ** 2n
  // Only where a retraction came before what it retracts.
  if (deviations < 0n) return undefined
  return quotient(deviations, n * BigInt(degrees) * 10n ** BigInt(2 * decimals))
}
