import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DefinitionError } from '../../../../consumers/engine/errors.ts'
import { histogram } from '../../../../consumers/engine/measures/histogram.ts'
import { encodedStateBytes } from './encoded-state.ts'
import { someOccurrence, testLaws, testRetraction } from './laws.ts'
import { notFinite, testRefusals } from './refusals.ts'

const most = Array.from({ length: 256 }, (_, index) => index / 2)

describe.each([[[0]], [[-1.5, 0, 1, 10]], [most]])('histogram of bounds %j', (bounds) => {
  const measure = histogram((value: number) => value, { bounds })
  const value = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(...bounds, -0),
    fc.integer({ min: -3, max: 130 }),
  )

  testLaws(measure, value, (values) =>
    [...bounds, undefined].map((to, index) => {
      const from = bounds[index - 1]
      const inside = values.filter((each) => each >= (from ?? -Infinity) && each < (to ?? Infinity))
      return { from, to, count: inside.length }
    }),
  )
  testRetraction(measure, value)
})

const measure = histogram((value: number) => value, { bounds: [0, 10] })

testRefusals(measure, [...notFinite, '1', 1n], [0, 0.5, Number.MAX_VALUE, -Number.MAX_VALUE])

test('a value on a bound belongs to the bucket above it', () => {
  const lifted = [-1, 0, 9.99, 10, 11].map((value) => measure.lift(value, someOccurrence))
  expect(measure.result(lifted.reduce((a, b) => measure.merge(a, b)))).toEqual([
    { from: undefined, to: 0, count: 1 },
    { from: 0, to: 10, count: 2 },
    { from: 10, to: undefined, count: 2 },
  ])
})

test('a bound of negative zero is zero', () => {
  const [below] = histogram((value: number) => value, { bounds: [-0] }).result([])
  expect(below?.to).toBe(0)
})

test('of no events all buckets are there, with nothing in them', () => {
  expect(measure.result(measure.empty).map(({ count }) => count)).toEqual([0, 0, 0])
})

test('the largest counts of the most bounds fit into their bytes', () => {
  const wide = histogram((value: number) => value, { bounds: most })
  for (const count of [
    127,
    128,
    -32,
    -33,
    2 ** 31,
    -(2 ** 31),
    2 ** 32 - 1,
    2 ** 32,
    2 ** 53 - 1,
    1 - 2 ** 53,
  ]) {
    const state = Array.from({ length: 257 }, () => count)
    const boundBytes = wide.stateBytes?.(state) ?? 0
    expect(encodedStateBytes(state)).toBeLessThanOrEqual(boundBytes)
    expect(boundBytes).toBeLessThanOrEqual(wide.maximumStateBytes)
  }
})

test.each([
  ['no bounds', []],
  ['too many', Array.from({ length: 257 }, (_, index) => index)],
  ['bounds that fall', [1, 0]],
  ['a bound twice', [1, 1]],
  ['zeros of both signs', [-0, 0]],
  ['an infinite one', [0, Infinity]],
  ['no number', [0, Number.NaN, 1]],
])('%s are refused where they are defined', (_name, bounds) => {
  expect(() => histogram((value: number) => value, { bounds })).toThrow(DefinitionError)
})

test('the bounds are part of the kind, and later changes to the list are not seen', () => {
  const bounds = [1, 2]
  const changed = histogram((value: number) => value, { bounds })
  bounds[0] = 5
  expect(changed.result(changed.lift(1.5, someOccurrence))).toEqual([
    { from: undefined, to: 1, count: 0 },
    { from: 1, to: 2, count: 1 },
    { from: 2, to: undefined, count: 0 },
  ])
  const kinds = [[1, 2], [1], [12], [1.2]].map((list) => histogram(() => 1, { bounds: list }).kind)
  expect(new Set(kinds).size).toBe(4)
})
