import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { statisticNamed } from '../../../../local/services/cloudwatch/statistic.ts'
import {
  mergeInto,
  percentile,
  type StatisticSet,
  statisticSet,
} from '../../../../local/services/cloudwatch/statistic-set.ts'

function setOf(values: readonly number[]): StatisticSet {
  const [first = 0, ...others] = values
  const set = statisticSet(first, 1)
  for (const value of others) mergeInto(set, statisticSet(value, 1))
  return set
}

const values = fc.array(fc.integer({ min: -1_000_000, max: 1_000_000 }), { minLength: 1, maxLength: 50 })

it('says of any values what they are, percentiles within 1 %', () => {
  fc.assert(
    fc.property(values, fc.integer({ min: 0, max: 100 }), (numbers, percent) => {
      const set = setOf(numbers)
      const sorted = numbers.toSorted((a, b) => a - b)
      expect(set).toMatchObject({
        count: numbers.length,
        sum: numbers.reduce((sum, number) => sum + number, 0),
        minimum: sorted[0],
        maximum: sorted.at(-1),
      })
      const exact = sorted[Math.max(1, Math.ceil((percent / 100) * sorted.length)) - 1] ?? 0
      expect(Math.abs(percentile(set, percent) - exact)).toBeLessThanOrEqual(Math.abs(exact) * 0.01 + 1e-9)
    }),
  )
})

it('is the same however it is put together', () => {
  fc.assert(
    fc.property(values, values, (some, others) => {
      const merged = setOf(some)
      mergeInto(merged, setOf(others))
      const all = setOf([...some, ...others])
      expect(merged).toEqual(all)
    }),
  )
})

it('keeps no histogram of values that are all the same, and has their exact percentile', () => {
  const set = setOf([7, 7, 7])
  expect(set.bins).toBeUndefined()
  expect(percentile(set, 50)).toBe(7)
  // The control.
  expect(setOf([7, 8]).bins?.size).toBe(2)
})

it('has a bounded histogram of whatever values', () => {
  const numbers = Array.from({ length: 5_000 }, (_, index) => 1.1 ** (index - 2_500) || Number.MIN_VALUE)
  const set = setOf(numbers.filter(Number.isFinite))
  expect(set.bins?.size).toBeLessThanOrEqual(4_001)
  expect(percentile(set, 100)).toBe(set.maximum)
})

it('counts one value several times', () => {
  const set = statisticSet(2, 3)
  mergeInto(set, statisticSet(8, 1))
  expect([set.count, set.sum]).toEqual([4, 14])
  expect(percentile(set, 75)).toBeCloseTo(2, 1)
  expect(percentile(set, 76)).toBe(8)
})

it.each([
  ['SampleCount', 4],
  ['Sum', 10],
  ['Average', 2.5],
  ['Minimum', 1],
  ['Maximum', 4],
  ['p0', 1],
  ['p50', 2],
  ['p99.9', 4],
  ['p100', 4],
])('%s of 1, 2, 3 and 4 is %d', (name, expected) => {
  expect(statisticNamed(name)?.(setOf([1, 2, 3, 4]))).toBeCloseTo(expected, 1)
})

it.each(['', 'sum', 'p', 'p101', 'p-1', 'p99.', 'tm90', 'PR(1:2)', 'constructor'])(
  'there is no statistic %j',
  (name) => {
    expect(statisticNamed(name)).toBeUndefined()
  },
)
