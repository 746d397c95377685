import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DefinitionError } from '../../../../consumers/engine/errors.ts'
import { quantiles, type QuantilesOptions } from '../../../../consumers/engine/measures/quantiles.ts'
import { SeededRandom } from '../seeded-random.ts'
import { notFinite, testRefusals } from './refusals.ts'
import { bytesOf, isWithinBounds, mergedAtRandom, testSketchLaws, total } from './sketch-laws.ts'

const identity = (value: number): number => value
const probabilities = { p0: 0, p10: 0.1, p29: 0.29, p50: 0.5, p99: 0.99, p100: 1 }
const measure = quantiles(identity, { probabilities })
const fewBins = quantiles(identity, { maximumBins: 16, probabilities })
/** One per line: `name hex`. If they have to change, the kind has to as well: stored cells have the old form. */
const goldenStates = readFileSync(new URL('quantiles-states.hex', import.meta.url), 'utf8')

const anyNumber = fc.double({ noNaN: true, noDefaultInfinity: true })
/** Within the eight orders of magnitude that are told apart. */
const ordinary = fc.oneof(
  fc.integer({ min: -100, max: 100 }),
  fc.double({ min: 1e-3, max: 1e5, noNaN: true }),
  fc.double({ min: -1e5, max: -1e-3, noNaN: true }),
)

/** The quantile that the measure promises to come near. */
function exact(values: readonly number[], probability: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(probability * (sorted.length - 1))] ?? Number.NaN
}

describe('quantiles', () => {
  describe('of any numbers', () => {
    testSketchLaws(measure, anyNumber)
  })
  describe('of bins too few for their values', () => {
    testSketchLaws(fewBins, ordinary)
  })
  testRefusals(measure, notFinite, [0, -0, 0.5, -Number.MAX_VALUE, Number.MAX_VALUE, Number.MIN_VALUE])

  test.each([0.001, 0.01, 0.1])('are within a relative error of %d of the exact ones', (relativeError) => {
    const ofError = quantiles(identity, { relativeError, maximumBins: 4096, probabilities })
    // 4,096 bins of 0.1 % span 3.5 orders of magnitude.
    const value = relativeError > 0.001 ? ordinary : fc.integer({ min: -3000, max: 3000 })
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 60 }), (values) => {
        for (const [name, result] of Object.entries(ofError.result(total(ofError, values)) ?? {})) {
          const expected = exact(values, probabilities[name as keyof typeof probabilities])
          expect(Math.abs(result - expected)).toBeLessThanOrEqual(relativeError * Math.abs(expected))
        }
      }),
      { numRuns: 500 },
    )
  })

  test('have the exact smallest and largest value at their ends', () => {
    fc.assert(
      fc.property(fc.array(anyNumber, { minLength: 1 }), (values) => {
        const result = measure.result(
          total(
            measure,
            values.map((value) => (value === 0 ? 0 : value)),
          ),
        )
        expect(result?.p0).toBeGreaterThanOrEqual(Math.min(...values))
        expect(result?.p100).toBeLessThanOrEqual(Math.max(...values))
      }),
    )
    expect(measure.result(total(measure, [1234.5]))).toEqual(
      Object.fromEntries(Object.keys(probabilities).map((name) => [name, 1234.5])),
    )
  })

  test('of magnitudes too small for the bins are not told apart, while those above are', () => {
    const values = [...Array.from({ length: 99 }, (_, index) => 1e-9 * (index + 1)), 1000]
    const result = fewBins.result(total(fewBins, values))
    expect(result?.p10).toBe(result?.p50)
    expect(result?.p100).toBeGreaterThanOrEqual(990)
    expect(measure.result(total(measure, values.slice(0, 99)))?.p50).toBeCloseTo(5e-8, 9)
  })

  test('a thousand numbers in any order and grouping are the same bytes, collapsed bins included', () => {
    const random = new SeededRandom(3)
    const values = Array.from({ length: 1000 }, () => (random.fraction() - 0.3) * 10 ** random.below(12))
    for (const ofMeasure of [measure, fewBins]) {
      const expected = bytesOf(total(ofMeasure, values))
      for (const seed of [1, 2, 3, 4, 5]) {
        expect(bytesOf(mergedAtRandom(ofMeasure, values, seed))).toBe(expected)
      }
    }
  })

  test('no state takes more bytes than it says, not of 2^40 events either', () => {
    // As many bins of each sign as there may be, and zero.
    const values = Array.from(
      { length: 2200 },
      (_, index) => (index % 2 === 0 ? 1 : -1) * 1.02 ** (index >> 1),
    )
    for (const ofMeasure of [measure, fewBins]) {
      let state = total(ofMeasure, [0, ...values])
      for (let doubling = 0; doubling < 29; doubling++) {
        expect(isWithinBounds(ofMeasure, state)).toBe(true)
        state = ofMeasure.merge(state, state)
      }
    }
  })

  test('of no events they are undefined, while zero is a value', () => {
    expect(measure.result(measure.empty)).toBeUndefined()
    expect(measure.result(total(measure, [0]))?.p50).toBe(0)
  })

  test('magnitudes below the smallest of full precision count as zero, that one does not', () => {
    expect(measure.result(total(measure, [-1, Number.MIN_VALUE, 1]))?.p50).toBe(0)
    expect(measure.result(total(measure, [-1, 2 ** -1022, 1]))?.p50).toBeGreaterThan(0)
  })

  test('are read under the common names, or under those that the definition gives', () => {
    const values = Array.from({ length: 101 }, (_, index) => index + 1000)
    const common = quantiles(identity)
    expect(Object.keys(common.result(total(common, values)) ?? {})).toEqual(['p50', 'p90', 'p95', 'p99'])
    const named = quantiles(identity, { probabilities: { median: 0.5 } })
    const result = named.result(total(named, values))
    expect(Math.round((result?.median ?? 0) / 100)).toBe(11)
    expect(JSON.parse(JSON.stringify(result))).toEqual(result)
  })

  test.each<QuantilesOptions<number, string, never>>([
    { relativeError: 0 },
    { relativeError: 0.2 },
    { relativeError: Number.NaN },
    { maximumBins: 15 },
    { maximumBins: 4097 },
    { maximumBins: 20.5 },
    { probabilities: {} },
    { probabilities: { p50: 50 } },
    { probabilities: { p50: Number.NaN } },
  ])('%j is refused', (options) => {
    expect(() => quantiles(identity, options)).toThrow(DefinitionError)
  })

  test('what decides a state is part of the kind, what is read from it is not', () => {
    expect(measure.kind).toBe(quantiles(identity).kind)
    expect(fewBins.kind).not.toBe(measure.kind)
    expect(quantiles(identity, { relativeError: 0.02 }).kind).not.toBe(measure.kind)
  })

  test('their stored form is that of every release', () => {
    const many = Array.from({ length: 300 }, (_, index) => ((index * 7919) % 1000) / 8 - 20)
    expect([
      `one-value ${bytesOf(total(measure, [42]))}`,
      `both-signs-and-zero ${bytesOf(total(measure, [-3, -3, 0, 1e-3, 7.25, 1e6]))}`,
      `collapsed-bins ${bytesOf(total(fewBins, many))}`,
    ]).toEqual(goldenStates.trim().split('\n'))
  })
})
