import * as fc from 'fast-check'
import type { Decimal } from '../../../../consumers/engine/measures/decimals.ts'

/** A value in one of the forms in which it may come, and what it is worth in units of its last decimal. */
export interface DecimalValue {
  readonly value: Decimal
  readonly units: bigint
}

/** The digits that doubles tell apart. */
const tellable = 10n ** 15n
const most = 10n ** 38n - 1n

/** Values of up to so many decimals and 38 digits, as numbers, bigints and texts in all their notations. */
export function decimalValues(decimals: number): fc.Arbitrary<DecimalValue> {
  const units = fc.oneof(
    fc.bigInt(-500n, 500n),
    fc.bigInt(1n - tellable, tellable - 1n),
    fc.maxSafeInteger().map(BigInt),
    fc.bigInt(-most, most),
    fc.constantFrom(most, -most),
  )
  return units.chain((exact) => {
    const text = textOf(exact, decimals)
    const forms: Decimal[] = [text, `${exact}e-${decimals}`, decimals > 0 ? `${text}00` : `${text}.00`]
    if (exact > -tellable && exact < tellable) forms.push(Number(text))
    if (exact % 10n ** BigInt(decimals) === 0n) forms.push(exact / 10n ** BigInt(decimals))
    return fc.constantFrom(...forms).map((value) => ({ value, units: exact }))
  })
}

/** So many units of the last decimal, written down. */
export function textOf(units: bigint, decimals: number): string {
  if (decimals === 0) return `${units}`
  const one = 10n ** BigInt(decimals)
  const size = units < 0n ? -units : units
  return `${units < 0n ? '-' : ''}${size / one}.${`${size % one}`.padStart(decimals, '0')}`
}

/** The sum of all units. */
export function unitsOf(values: readonly DecimalValue[]): bigint {
  return values.reduce((total, { units }) => total + units, 0n)
}

export function isSafe(units: bigint): boolean {
  return units >= Number.MIN_SAFE_INTEGER && units <= Number.MAX_SAFE_INTEGER
}
