import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { maximumSumBytes, sum } from '../../../../consumers/engine/measures/sum.ts'
import { encodedStateBytes } from './encoded-state.ts'
import { testLaws } from './laws.ts'
import { notFinite, notWhole, testRefusals } from './refusals.ts'

const measure = sum((value: number) => value)
const large = fc.oneof(fc.maxSafeInteger(), fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER))

function exact(values: readonly number[]): number | bigint {
  const total = values.reduce((sumSoFar, value) => sumSoFar + BigInt(value), 0n)
  return BigInt(Number(total)) === total && Number.isSafeInteger(Number(total)) ? Number(total) : total
}

describe('sum', () => {
  testLaws(measure, fc.oneof(large, fc.integer()), exact)
  testRefusals(measure, [...notFinite, ...notWhole], [0, -0, 1, -1, Number.MAX_SAFE_INTEGER])

  test('beyond 2^53 it is exact as a bigint, and back within a number again', () => {
    const most = Number.MAX_SAFE_INTEGER
    expect(measure.merge(most, 1)).toBe(9_007_199_254_740_992n)
    expect(measure.merge(measure.merge(most, 2), -2)).toBe(most)
  })

  test('negative zero is zero, so that equal sums are equal bytes', () => {
    expect(Object.is(measure.lift(-0), 0)).toBe(true)
    expect(Object.is(measure.merge(-5, 5), 0)).toBe(true)
  })

  test('the sum of 2^40 of the largest values fits into its bytes', () => {
    const largest = BigInt(Number.MAX_SAFE_INTEGER) * 2n ** 40n
    for (const state of [largest, -largest, 2n ** 63n, 2n ** 64n]) {
      expect(encodedStateBytes(state)).toBeLessThanOrEqual(maximumSumBytes)
    }
  })
})
