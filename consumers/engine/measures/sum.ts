import {
  type Decimal,
  decimalKind,
  type DecimalOptions,
  decimalText,
  type DecimalText,
  maximumSumBytes,
  maximumTellable,
  scaling,
} from './decimals.ts'
import {
  exactIntegerBytes,
  exactOpposite,
  exactSum,
  type MeasureOptions,
  type RetractableMeasure,
  withOptions,
} from './measure.ts'

/**
 * A sum of whole numbers is a number within 2^53 and a bigint beyond, exact in both. A sum of decimals is the nearest
 * number within 2^53 of its smallest units, and the exact text beyond.
 */
export type Sum<Decimals extends number> = Decimals extends 0 ? number | bigint : number | DecimalText

/**
 * The exact sum of decimal numbers: 0.1 and 0.2 are 0.3. Whole numbers (money in minor units, metres, milliseconds) unless
 * `decimals` says how many decimals values may have. A value with more decimals, of more than 38 digits, or that is a
 * number beyond 2^53 of the smallest unit rejects its record; larger ones come as texts or bigints.
 */
export function sum<Event, const On extends string = never, const Decimals extends number = 0>(
  value: (event: Event) => Decimal,
  options: MeasureOptions<Event, On> & DecimalOptions<Decimals> = {},
): RetractableMeasure<Event, number | bigint, Sum<Decimals>, NoInfer<On>> {
  const { decimals = 0 } = options
  const scaled = scaling(decimals)
  const unitsPerOne = Number(10n ** BigInt(decimals))
  const result = (state: number | bigint): number | bigint | DecimalText => {
    if (decimals === 0) return state
    const isTellable = typeof state === 'number' && Math.abs(state) < maximumTellable
    return isTellable ? state / unitsPerOne : decimalText(BigInt(state), decimals)
  }
  const measure: RetractableMeasure<Event, number | bigint, Sum<Decimals>> = {
    kind: decimalKind('sum', decimals),
    maximumStateBytes: maximumSumBytes,
    empty: 0,
    lift: (event) => scaled(value(event)),
    merge: exactSum,
    negate: exactOpposite,
    stateBytes: (state) => exactIntegerBytes(state, maximumSumBytes),
    result: (state) => result(state) as Sum<Decimals>,
  }
  return withOptions(measure, options)
}
