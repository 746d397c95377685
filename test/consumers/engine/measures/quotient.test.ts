import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { quotient } from '../../../../consumers/engine/measures/quotient.ts'

/** A finite double as a fraction, exactly. */
function fractionOf(value: number): readonly [numerator: bigint, denominator: bigint] {
  let numerator = value
  let denominator = 1n
  while (!Number.isInteger(numerator)) {
    numerator *= 2
    denominator *= 2n
  }
  return [BigInt(numerator), denominator]
}

/** The double next to a positive one, away from zero or towards it. */
function neighbour(value: number, step: 1n | -1n): number {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  view.setBigUint64(0, view.getBigUint64(0) + step)
  return view.getFloat64(0)
}

test('no double lies nearer to the fraction', () => {
  const size = fc.oneof(fc.bigInt(1n, 10n ** 4n), fc.bigInt(1n, 2n ** 70n), fc.bigInt(1n, 2n ** 300n))
  fc.assert(
    fc.property(size, size, (numerator, denominator) => {
      const rounded = quotient(numerator, denominator)
      /** How far a double is from the fraction, times what all distances are multiplied by. */
      const distance = (value: number): readonly [bigint, bigint] => {
        const [above, below] = fractionOf(value)
        const difference = above * denominator - numerator * below
        return [difference < 0n ? -difference : difference, below]
      }
      const [own, ownBelow] = distance(rounded)
      for (const step of [1n, -1n] as const) {
        const [other, otherBelow] = distance(neighbour(rounded, step))
        expect(own * otherBelow <= other * ownBelow).toBe(true)
      }
      expect(quotient(-numerator, denominator)).toBe(-rounded)
    }),
    { numRuns: 2_000 },
  )
})

test('what lies half way goes to the even double, and a trace more decides', () => {
  const half = 2n ** 53n + 1n
  expect(quotient(half, 1n)).toBe(2 ** 53)
  expect(quotient(half + 2n, 1n)).toBe(2 ** 53 + 4)
  expect(quotient(half * 10n ** 60n + 1n, 10n ** 60n)).toBe(2 ** 53 + 2)
  expect(quotient(half * 10n ** 60n - 1n, 10n ** 60n)).toBe(2 ** 53)
})

test('zero is a positive zero', () => {
  expect(Object.is(quotient(0n, 7n), 0)).toBe(true)
})
