import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { max, min } from '../../../../consumers/engine/measures/extremes.ts'
import { someOccurrence, testLaws } from './laws.ts'
import { notFinite, testRefusals } from './refusals.ts'

const value = fc.double({ noNaN: true, noDefaultInfinity: true })
/** Negative zero is stored as zero. */
const positive = (number: number): number => (number === 0 ? 0 : number)
const smallest = min((number: number) => number)
const largest = max((number: number) => number)

describe('min', () => {
  testLaws(smallest, value, (values) => (values.length === 0 ? undefined : positive(Math.min(...values))))
  testRefusals(smallest, [...notFinite, '1', 1n], [0, 0.5, -Number.MAX_VALUE, Number.MIN_VALUE])
})

describe('max', () => {
  testLaws(largest, value, (values) => (values.length === 0 ? undefined : positive(Math.max(...values))))
  testRefusals(largest, [...notFinite, '1', 1n], [0, -0.5, Number.MAX_VALUE])
})

test('of no events they are undefined, while zero is a value', () => {
  for (const measure of [smallest, largest]) {
    expect(measure.result(measure.empty)).toBeUndefined()
    expect(measure.result(measure.lift(0, someOccurrence))).toBe(0)
  }
})

test('what an extreme was cannot be taken back', () => {
  for (const measure of [smallest, largest]) expect(measure).not.toHaveProperty('negate')
})
