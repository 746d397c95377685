import { describe, expect, test } from 'vitest'
import { quotient } from '../../../../consumers/engine/measures/quotient.ts'
import { standardDeviation, variance } from '../../../../consumers/engine/measures/variance.ts'
import { type DecimalValue, decimalValues, unitsOf } from './decimal-values.ts'
import { encodedStateBytes } from './encoded-state.ts'
import { someOccurrence, testLaws, testRetraction } from './laws.ts'
import { notFinite, testRefusals } from './refusals.ts'

/** The mean squared distance from the mean, in fractions. */
function naive(values: readonly DecimalValue[], decimals: number, sample: boolean): number | undefined {
  const degrees = values.length - (sample ? 1 : 0)
  if (degrees < 1) return undefined
  const n = BigInt(values.length)
  const total = unitsOf(values)
  const squares = values.reduce((sum, { units }) => sum + (n * units - total) ** 2n, 0n)
  return quotient(squares, n * n * BigInt(degrees) * 10n ** BigInt(2 * decimals))
}

describe.each([
  { decimals: 0, sample: false },
  { decimals: 0, sample: true },
  { decimals: 2, sample: true },
])('variance of $decimals decimals, sample $sample', ({ decimals, sample }) => {
  const measure = variance(({ value }: DecimalValue) => value, { decimals, sample })
  testLaws(measure, decimalValues(decimals), (values) => naive(values, decimals, sample))
  testRetraction(measure, decimalValues(decimals))

  test('the state of 2^40 of the largest values fits into its bytes', () => {
    const most = 10n ** 38n - 1n
    const largest = [2 ** 40, most * 2n ** 40n, most ** 2n * 2n ** 40n] as const
    expect(encodedStateBytes(largest)).toBeLessThanOrEqual(measure.maximumStateBytes)
  })
})

describe('standard deviation', () => {
  const measure = standardDeviation(({ value }: DecimalValue) => value)
  testLaws(measure, decimalValues(0), (values) => {
    const squared = naive(values, 0, false)
    return squared === undefined ? undefined : Math.sqrt(squared)
  })
  testRetraction(measure, decimalValues(0))
})

const population = variance((value: number) => value)
const sample = variance((value: number) => value, { sample: true })

testRefusals(population, [...notFinite, 0.5, 2 ** 53], [0, 7, -7, Number.MIN_SAFE_INTEGER])

function of(measure: typeof population, values: readonly number[]): number | undefined {
  return measure.result(
    values
      .map((value) => measure.lift(value, someOccurrence))
      .reduce((a, b) => measure.merge(a, b), measure.empty),
  )
}

test('known sets of values have their known variance and deviation', () => {
  const values = [2, 4, 4, 4, 5, 5, 7, 9]
  expect(of(population, values)).toBe(4)
  expect(of(sample, values)).toBe(32 / 7)
  expect(
    of(
      standardDeviation((value: number) => value),
      values,
    ),
  ).toBe(2)
})

test('large values close together lose nothing', () => {
  const values = [4, 7, 13, 16].map((value) => value + 9_000_000_000_000_000)
  expect(of(sample, values)).toBe(30)
  expect(of(population, values)).toBe(22.5)
})

test('of one event the variance is zero, and as a sample it has none', () => {
  expect(of(population, [5])).toBe(0)
  expect(of(sample, [5])).toBeUndefined()
  expect(of(sample, [5, 5])).toBe(0)
})

test('while retractions wait for what they retract, there is no variance', () => {
  // 3 and 5 less 10: one event by count, with a square below zero.
  expect(population.result([1, -2, -66])).toBeUndefined()
  expect(population.result([-1, -10, -100])).toBeUndefined()
  expect(population.result([1, 8, 64])).toBe(0)
})

test('what is computed is part of the kind', () => {
  const kinds = [variance, standardDeviation].flatMap((factory) =>
    [{}, { sample: true }, { decimals: 2 }, { decimals: 2, sample: true }].map(
      (options) => factory(() => 1, options).kind,
    ),
  )
  expect(new Set(kinds).size).toBe(8)
})
