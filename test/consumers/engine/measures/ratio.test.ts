import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DefinitionError } from '../../../../consumers/engine/errors.ts'
import { count } from '../../../../consumers/engine/measures/count.ts'
import { max, min } from '../../../../consumers/engine/measures/extremes.ts'
import { ratio } from '../../../../consumers/engine/measures/ratio.ts'
import { sum } from '../../../../consumers/engine/measures/sum.ts'
import { someOccurrence, testLaws, testRetraction } from './laws.ts'

interface Sale {
  readonly price: string
  readonly pieces: number
}

const sale = fc.record({
  price: fc.integer({ min: -500, max: 500 }).map((cents) => (cents / 100).toFixed(2)),
  pieces: fc.oneof(fc.integer({ min: -2, max: 5 }), fc.maxSafeInteger()),
})
const perPiece = ratio(
  sum((each: Sale) => each.price, { decimals: 2 }),
  sum((each: Sale) => each.pieces),
)
const range = ratio(
  max((each: Sale) => each.pieces),
  count({ where: (each: Sale) => each.pieces > 0 }),
)

describe('ratio of retractable measures', () => {
  testLaws(perPiece, sale, (sales) => {
    const cents = sales.reduce((total, { price }) => total + Math.round(Number(price) * 100), 0)
    const pieces = sales.reduce((total, each) => total + BigInt(each.pieces), 0n)
    return pieces === 0n ? undefined : cents / 100 / Number(pieces) + 0
  })
  testRetraction(perPiece, sale)
})

describe('ratio with a measure that cannot be taken back', () => {
  testLaws(range, sale, (sales) => {
    const positive = sales.filter(({ pieces }) => pieces > 0).length
    return positive === 0 ? undefined : Math.max(...sales.map(({ pieces }) => pieces)) / positive
  })

  test('it has no inverse, in whichever place that measure is', () => {
    expect(range).not.toHaveProperty('negate')
    expect(
      ratio(
        count(),
        max((each: Sale) => each.pieces),
      ),
    ).not.toHaveProperty('negate')
    expect(perPiece).toHaveProperty('negate')
  })
})

test('over zero or nothing there is no ratio, while zero over something is zero', () => {
  const ofPieces = ratio(
    min((value: number) => value),
    min((value: number) => value - 5),
  )
  const ratioOf = (value: number): number | undefined => ofPieces.result(ofPieces.lift(value, someOccurrence))
  expect(ofPieces.result(ofPieces.empty)).toBeUndefined()
  expect(ratioOf(5)).toBeUndefined()
  expect(ratioOf(0)).toBe(0)
  expect(ratioOf(10)).toBe(2)
})

test('a sum that is too large for a number is divided all the same', () => {
  expect(perPiece.result([2n ** 60n * 100n, 2n ** 60n])).toBe(1)
})

test('only events for which `where` holds are in it', () => {
  const measure = ratio(
    sum((value: number) => value),
    count(),
    { where: (value: number) => value > 0, on: ['origin'] },
  )
  const states = [4, -100, 6].map((value) => measure.lift(value, someOccurrence))
  expect(measure.result(states.reduce((a, b) => measure.merge(a, b)))).toBe(5)
  expect(measure.on).toEqual(['origin'])
})

test('a measure with groupings of its own is refused where the ratio is defined', () => {
  const narrow: object = count({ on: ['origin'] })
  const plain = count()
  expect(() => ratio(narrow as typeof plain, plain)).toThrow(DefinitionError)
  expect(() => ratio(plain, narrow as typeof plain)).toThrow(DefinitionError)
  expect(() => ratio(plain, plain)).not.toThrow()
})

test('both measures, in their places, are part of the kind', () => {
  const a = sum(() => 1)
  const b = sum(() => 1, { decimals: 1 })
  const kinds = [ratio(a, b), ratio(b, a), ratio(a, a), ratio(ratio(a, b), a), ratio(a, ratio(b, a))].map(
    ({ kind }) => kind,
  )
  expect(new Set(kinds).size).toBe(5)
})
