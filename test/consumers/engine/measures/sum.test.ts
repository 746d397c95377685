import { describe, expect, test } from 'vitest'
import { RejectError } from '../../../../consumers/engine/errors.ts'
import { maximumSumBytes } from '../../../../consumers/engine/measures/decimals.ts'
import { sum } from '../../../../consumers/engine/measures/sum.ts'
import { type DecimalValue, decimalValues, isSafe, textOf, unitsOf } from './decimal-values.ts'
import { encodedStateBytes } from './encoded-state.ts'
import { someOccurrence, testLaws, testRetraction } from './laws.ts'
import { notFinite, testRefusals } from './refusals.ts'

/** A sum of these would not be exact. */
const notWhole = [0.5, -1e-9, 2 ** 53, -(2 ** 53), Number.MAX_VALUE, '0.5']

describe('sum of whole numbers', () => {
  const measure = sum(({ value }: DecimalValue) => value)
  testLaws(measure, decimalValues(0), (values) => {
    const units = unitsOf(values)
    return isSafe(units) ? Number(units) : units
  })
  testRetraction(measure, decimalValues(0))
  testRefusals(
    sum((value: number) => value),
    [...notFinite, ...notWhole],
    [0, -0, 1, -1, Number.MAX_SAFE_INTEGER],
  )

  test('beyond 2^53 it is exact as a bigint, and back within a number again', () => {
    const most = Number.MAX_SAFE_INTEGER
    expect(measure.merge(most, 1)).toBe(9_007_199_254_740_992n)
    expect(measure.merge(measure.merge(most, 2), -2)).toBe(most)
  })

  test('the sum of 2^40 of the largest values fits into its bytes', () => {
    const largest = (10n ** 38n - 1n) * 2n ** 40n
    for (const state of [largest, -largest, 2n ** 63n, 2n ** 64n]) {
      expect(encodedStateBytes(state)).toBeLessThanOrEqual(maximumSumBytes)
    }
  })

  test('a small sum takes few of them', () => {
    expect([0, -1, 200, -200, 2 ** 32, 2n ** 64n].map((state) => measure.stateBytes?.(state))).toEqual([
      1,
      1,
      5,
      5,
      9,
      maximumSumBytes,
    ])
  })
})

describe('sum of decimals', () => {
  const measure = sum(({ value }: DecimalValue) => value, { decimals: 2 })
  testLaws(measure, decimalValues(2), (values) => {
    const units = unitsOf(values)
    const isTellable = units < 10n ** 15n && units > -(10n ** 15n)
    return (isTellable ? Number(textOf(units, 2)) : textOf(units, 2)) as number | `${number}`
  })
  testRetraction(measure, decimalValues(2))

  test('0.1 and 0.2 are 0.3, and ten thousand cents are a hundred', () => {
    const price = sum((value: number | string) => value, { decimals: 2 })
    const add = (state: number | bigint, value: number | string): number | bigint =>
      price.merge(state, price.lift(value, someOccurrence))
    expect(price.result(add(add(price.empty, 0.1), 0.2))).toBe(0.3)
    expect(price.result(Array.from({ length: 10_000 }, () => '0.01').reduce(add, price.empty))).toBe(100)
  })

  test('of up to 15 digits it is a number, beyond an exact text', () => {
    expect(measure.result(999_999_999_999_999)).toBe(9_999_999_999_999.99)
    expect(measure.result(-1e15)).toBe('-10000000000000.00')
    expect(measure.result(Number.MAX_SAFE_INTEGER)).toBe('90071992547409.91')
    expect(measure.result(2n ** 53n)).toBe('90071992547409.92')
  })
})

test('how many decimals are summed is part of the kind', () => {
  const kinds = [0, 1, 2].map((decimals) => sum(() => 1, { decimals }).kind)
  expect(new Set(kinds).size).toBe(3)
  expect(sum(() => 1).kind).toBe(kinds[0])
})

test('only events for which `where` holds are summed, and the groupings that `on` names are kept', () => {
  const measure = sum((value: number) => value, { where: (value) => value > 10, on: ['origin'] })
  const values = [5, 11, 10, 20]
  const total = (from: typeof measure): number | bigint =>
    values.map((value) => from.lift(value, someOccurrence)).reduce((a, b) => from.merge(a, b), from.empty)
  expect(total(measure)).toBe(31)
  expect(total(sum((value: number) => value, { on: ['origin'] }))).toBe(46)
  expect(measure.on).toEqual(['origin'])
  expect('on' in sum(() => 1)).toBe(false)
})

test('a value that cannot be summed is no matter where `where` does not hold', () => {
  const measure = sum((value: number) => value, { where: Number.isInteger })
  expect(measure.lift(0.5, someOccurrence)).toBe(measure.empty)
  expect(() => sum((value: number) => value).lift(0.5, someOccurrence)).toThrow(RejectError)
})
