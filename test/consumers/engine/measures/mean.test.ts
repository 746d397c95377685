import { describe, expect, test } from 'vitest'
import { mean } from '../../../../consumers/engine/measures/mean.ts'
import { quotient } from '../../../../consumers/engine/measures/quotient.ts'
import { type DecimalValue, decimalValues, unitsOf } from './decimal-values.ts'
import { encodedStateBytes } from './encoded-state.ts'
import { someOccurrence, testLaws, testRetraction } from './laws.ts'
import { notFinite, testRefusals } from './refusals.ts'

describe.each([0, 2])('mean with %d decimals', (decimals) => {
  const measure = mean(({ value }: DecimalValue) => value, { decimals })
  testLaws(measure, decimalValues(decimals), (values) =>
    values.length === 0
      ? undefined
      : quotient(unitsOf(values), BigInt(values.length) * 10n ** BigInt(decimals)),
  )
  testRetraction(measure, decimalValues(decimals))

  test('the state of 2^40 of the largest values fits into its bytes', () => {
    const largest = [(10n ** 38n - 1n) * 2n ** 40n, 2 ** 40] as const
    expect(encodedStateBytes(largest)).toBeLessThanOrEqual(measure.maximumStateBytes)
  })
})

const whole = mean((value: number) => value)

testRefusals(whole, [...notFinite, 0.5, 2 ** 53], [0, 7, -7, Number.MIN_SAFE_INTEGER])

test('of no events a mean is undefined, not zero or NaN', () => {
  expect(whole.result(whole.empty)).toBeUndefined()
  expect(whole.result(whole.lift(0, someOccurrence))).toBe(0)
})

test('while retractions wait for what they retract, there is no mean', () => {
  expect(whole.result(whole.negate([5, 1]))).toBeUndefined()
  expect(whole.result([5, 0])).toBeUndefined()
  expect(whole.result([5, 1])).toBe(5)
})

test('a mean is rounded once, not once for the sum and once for the mean', () => {
  const total = 2n ** 53n + 1n
  expect(whole.result([total, 3])).toBe(3_002_399_751_580_331)
  // The control: rounded twice it is another.
  expect(Number(total) / 3).toBe(3_002_399_751_580_330.5)
  expect(mean(() => 0, { decimals: 1 }).result([3, 3])).toBe(0.1)
})

test('how many decimals are averaged is part of the kind', () => {
  const kinds = [undefined, 1, 2].map(
    (decimals) => mean(() => 1, decimals === undefined ? {} : { decimals }).kind,
  )
  expect(new Set(kinds).size).toBe(3)
})
