import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { max, min } from '../../../../consumers/engine/measures/extremes.ts'
import { testLaws } from './laws.ts'
import { notFinite, testRefusals } from './refusals.ts'

const value = fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (number === 0 ? 0 : number))
const smallest = min((number: number) => number)
const largest = max((number: number) => number)

describe('min', () => {
  testLaws(smallest, value, (values) => (values.length === 0 ? undefined : Math.min(...values)))
  testRefusals(smallest, notFinite, [0, 0.5, -Number.MAX_VALUE, Number.MIN_VALUE])
})

describe('max', () => {
  testLaws(largest, value, (values) => (values.length === 0 ? undefined : Math.max(...values)))
  testRefusals(largest, notFinite, [0, -0.5, Number.MAX_VALUE])
})

test('of no events they are undefined, while zero is a value', () => {
  for (const measure of [smallest, largest]) {
    expect(measure.result(measure.empty)).toBeUndefined()
    expect(measure.result(measure.lift(0))).toBe(0)
  }
})

test('negative zero is zero, so that equal extremes are equal bytes', () => {
  expect(Object.is(smallest.result(smallest.merge(smallest.lift(0), smallest.lift(-0))), 0)).toBe(true)
})
