import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DefinitionError } from '../../../../consumers/engine/errors.ts'
import { distinct, type DistinctValue } from '../../../../consumers/engine/measures/distinct.ts'
import { someOccurrence } from './laws.ts'
import { testRefusals } from './refusals.ts'
import { bytesOf, isWithinBounds, mergedAtRandom, testSketchLaws, total } from './sketch-laws.ts'

const identity = (value: DistinctValue): DistinctValue => value
const measure = distinct(identity)
/** One per line: `name hex`. If they have to change, the kind has to as well: stored cells have the old form. */
const goldenStates = readFileSync(new URL('distinct-states.hex', import.meta.url), 'utf8')

/** Values that are easily taken for each other. */
const value: fc.Arbitrary<DistinctValue> = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.constantFrom('1', '"1"', '', '["1"]', 'ü', '\ud800', '\ud801'),
  fc.array(fc.constantFrom('1', '1,1', ''), { maxLength: 2 }),
)

function numbers(count: number, from = 0): readonly number[] {
  return Array.from({ length: count }, (_, index) => from + index)
}

describe('distinct', () => {
  testSketchLaws(measure, value)
  testRefusals(
    measure,
    [Number.NaN, Infinity, null, undefined, true, 1n, {}, [1], [null]],
    [0, -0, 1.5, '', 'ORD', [], ['ORD', 'JFK']],
  )

  describe.each([4, 5, 6])('with precision %i, where registers come early', (precision) => {
    testSketchLaws(distinct(identity, { precision }), fc.integer({ min: 0, max: 40 }))
  })

  test('tells texts, numbers and lists apart, and counts equal ones once', () => {
    fc.assert(
      fc.property(fc.array(value), (values) => {
        const texts = new Set(values.map((each) => JSON.stringify(each)))
        expect(measure.result(total(measure, [...values, ...values]))).toBe(texts.size)
      }),
    )
  })

  test.each([2, 100, 383, 384, 5000])(
    'a repeat leaves the very state of %i values, a new one does not',
    (count) => {
      const state = total(measure, numbers(count))
      for (const repeat of [0, 1, count - 1].map((each) => measure.lift(each, someOccurrence))) {
        expect(measure.merge(state, repeat)).toBe(state)
        expect(measure.merge(repeat, state)).toBe(state)
      }
      expect(measure.merge(state, total(measure, numbers(count / 2)))).toBe(state)
      const isChanged = numbers(2000, count).some(
        (other) => measure.merge(state, measure.lift(other, someOccurrence)) !== state,
      )
      expect(isChanged).toBe(true)
    },
  )

  test('is exact up to 383 values, and has registers from 384 on', () => {
    expect(measure.result(total(measure, numbers(383)))).toBe(383)
    expect(total(measure, numbers(383))).toHaveLength(383 * 8)
    expect(total(measure, numbers(384))).toHaveLength(3072)
  })

  test.each([
    [8, 23],
    [8, 24],
    [12, 383],
    [12, 384],
    [12, 2000],
  ])('with precision %i, %i values in any order and grouping are the same bytes', (precision, count) => {
    const ofPrecision = distinct(identity, { precision })
    const expected = bytesOf(total(ofPrecision, numbers(count)))
    for (const seed of [1, 2, 3]) {
      const withRepeats = [...numbers(count), ...numbers(count / 2)]
      expect(bytesOf(mergedAtRandom(ofPrecision, withRepeats, seed))).toBe(expected)
    }
  })

  test.each([
    [4, 1000],
    [8, 1000],
    [8, 100_000],
    [12, 400],
    [12, 10_000],
    [12, 100_000],
    [16, 20_000],
  ])('with precision %i, %i values are counted within four standard errors', (precision, count) => {
    const ofPrecision = distinct(identity, { precision })
    const [low, high] = [numbers(count / 2), numbers(count / 2, count / 2)]
    const result = ofPrecision.result(ofPrecision.merge(total(ofPrecision, low), total(ofPrecision, high)))
    expect(Math.abs(result / count - 1)).toBeLessThan((4 * 1.04) / Math.sqrt(2 ** precision))
    expect(Number.isInteger(result)).toBe(true)
  })

  test.each([4, 8, 12, 16])('with precision %i no state takes more bytes than it says', (precision) => {
    const ofPrecision = distinct(identity, { precision })
    const exactUpTo = Math.ceil((0.75 * 2 ** precision) / 8) - 1
    for (const count of [0, 1, exactUpTo, exactUpTo + 1]) {
      expect(isWithinBounds(ofPrecision, total(ofPrecision, numbers(count)))).toBe(true)
    }
  })

  test.each([3, 17, 4.5, Number.NaN])('a precision of %d is refused', (precision) => {
    expect(() => distinct(identity, { precision })).toThrow(DefinitionError)
  })

  test('the precision is part of its kind, because states of two precisions do not mix', () => {
    expect(distinct(identity, { precision: 4 }).kind).not.toBe(measure.kind)
  })

  test('its stored form is that of every release', () => {
    const small = distinct(identity, { precision: 6 })
    expect([
      `3-values-precision-12 ${bytesOf(total(measure, ['ORD', 7, ['ORD', 'JFK']]))}`,
      `100-values-precision-6 ${bytesOf(total(small, numbers(100)))}`,
    ]).toEqual(goldenStates.trim().split('\n'))
  })
})
