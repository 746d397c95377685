import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mean } from '../../../../consumers/engine/measures/mean.ts'
import { encodedStateBytes } from './encoded-state.ts'
import { testLaws } from './laws.ts'
import { notFinite, notWhole, testRefusals } from './refusals.ts'

const measure = mean((value: number) => value)

describe('mean', () => {
  testLaws(measure, fc.oneof(fc.maxSafeInteger(), fc.integer()), (values) =>
    values.length === 0
      ? undefined
      : Number(values.reduce((total, value) => total + BigInt(value), 0n)) / values.length,
  )
  testRefusals(measure, [...notFinite, ...notWhole], [0, 7, -7, Number.MIN_SAFE_INTEGER])

  test('of no events it is undefined, not zero or NaN', () => {
    expect(measure.result(measure.empty)).toBeUndefined()
    expect(measure.result(measure.lift(0))).toBe(0)
  })

  test('the state of 2^40 of the largest values fits into its bytes', () => {
    const largest = [BigInt(Number.MAX_SAFE_INTEGER) * 2n ** 40n, 2 ** 40] as const
    expect(encodedStateBytes(largest)).toBeLessThanOrEqual(measure.maximumStateBytes)
  })
})
