import { DefinitionError, RejectError } from '../errors.ts'
import { exactInteger } from './measure.ts'

/** What is measured exactly: a number stands for its shortest decimal text, so 0.1 is 1/10 and not the double's value. */
export type Decimal = number | bigint | string

/** An exact decimal number as a text, such as `-12.50`. */
export type DecimalText = `${number}`

/** Of a measure of decimals. */
export interface DecimalOptions<Decimals extends number = number> {
  /** The most decimals that a value may have, 0 to 18. Default 0: whole numbers. */
  readonly decimals?: Decimals
}

/** What the finest of usual currencies has (wei of an ether); a double holds ten to this power exactly. */
const maximumDecimals = 18
/** The digits of a scaled value: as many as a number of DynamoDB has (its developer guide, "Data types"). */
const maximumDigits = 38
/** Longer texts of numbers are nothing but zeros. */
const maximumTextLength = 100
/** Doubles tell all decimals of up to 15 digits apart (IEEE 754: floor(52 * log10(2))). */
export const maximumTellable = 1e15

/** Sums of 2^40 scaled values take 168 bits: three words of 64 in a msgpack extension, with its header. */
export const maximumSumBytes = 27

/**
 * How values become whole numbers of the smallest unit: exactly, or RejectError `invalid-value`.
 * @throws DefinitionError unless `decimals` is a whole number from 0 to 18.
 */
export function scaling(decimals: number): (value: Decimal) => number | bigint {
  if (!Number.isInteger(decimals) || decimals < 0 || decimals > maximumDecimals) {
    throw new DefinitionError(`decimals is a whole number from 0 to ${maximumDecimals}, not ${decimals}`)
  }
  // Adding zero makes a negative zero positive, so that equal values are equal bytes.
  if (decimals === 0) {
    return (value) =>
      typeof value === 'number' && Number.isSafeInteger(value) ? value + 0 : scaledSlowly(value, 0)
  }
  const unitsPerOne = Number(10n ** BigInt(decimals))
  return (value) => {
    if (typeof value === 'number') {
      // Both are exact doubles and division rounds once, so it gives `value` only if the decimal is read as `value`;
      // no other of so few digits is.
      const scaled = Math.round(value * unitsPerOne) + 0
      if (Math.abs(scaled) < maximumTellable && scaled / unitsPerOne === value) return scaled
    }
    return scaledSlowly(value, decimals)
  }
}

/** What `kind` says of decimals. */
export function decimalKind(name: string, decimals: number): string {
  return decimals === 0 ? name : `${name}:${decimals}`
}

/** The exact value of so many units, with all of its decimals. */
export function decimalText(units: bigint, decimals: number): DecimalText {
  const sign = units < 0n ? '-' : ''
  const digits = (units < 0n ? -units : units).toString().padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals)
  const fraction = digits.slice(digits.length - decimals)
  return `${sign}${whole}.${fraction}` as DecimalText
}

function scaledSlowly(value: unknown, decimals: number): number | bigint {
  if (typeof value === 'number') {
    const scaled = scaledText(String(value), decimals)
    if (typeof scaled === 'number') return scaled
    throw invalid('a measured number is beyond 2^53 units, where doubles are not exact')
  }
  if (typeof value === 'bigint') return scaledText(String(value), decimals)
  if (typeof value === 'string') return scaledText(value, decimals)
  throw invalid('a measured value is not a number')
}

function scaledText(text: string, decimals: number): number | bigint {
  const match =
    text.length > maximumTextLength ? null : /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d{1,3}))?$/i.exec(text)
  if (match === null) throw invalid('a measured value is not a decimal number')
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match
  const digits = (whole + fraction).replace(/^0+/, '')
  if (digits === '') return 0
  const significant = digits.replace(/0+$/, '')
  const zeros = digits.length - significant.length - fraction.length + Number(exponent) + decimals
  if (zeros < 0) throw invalid(`a measured value has more decimals than ${decimals}`)
  if (significant.length + zeros > maximumDigits) throw invalid('a measured value is too large')
  return exactInteger(BigInt(sign + significant + '0'.repeat(zeros)))
}

function invalid(detail: string): RejectError {
  return new RejectError('invalid-value', detail)
}
