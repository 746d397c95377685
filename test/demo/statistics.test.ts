import { expect, it } from 'vitest'
import type { Departure } from '../../demo/journal.ts'
import { early, exactQuotient, exactVariance, extreme, nearestRank } from '../../demo/statistics.ts'

function departureWith(fields: Partial<Departure>): Departure {
  return {
    flightId: 'a',
    sentAt: 0,
    origin: 'JFK',
    destination: 'LAX',
    distance: 100,
    delay: 5,
    ...fields,
  }
}

it.each([
  [0, 1],
  [0.5, 2],
  [0.99, 3],
  [1, 4],
])('the value at probability %d of four is one of them: the %d.', (probability, value) => {
  expect(nearestRank([1, 2, 3, 4], probability)).toBe(value)
})

it('a variance is rounded once, also of values far from zero', () => {
  expect(exactVariance([7])).toBe(0)
  expect(exactVariance([-1, 0, 1])).toBe(2 / 3)
  expect(exactVariance([1_000_000, 1_000_001, 1_000_002])).toBe(2 / 3)
})

it('a variance that doubles would round on the way is refused', () => {
  expect(() => exactVariance([2 ** 27, 0])).toThrow(RangeError)
})

it('the first departure is the earliest, and of several at one time always the same', () => {
  const [a, b, later] = [
    departureWith({ flightId: 'a' }),
    departureWith({ flightId: 'b' }),
    departureWith({ flightId: 'c', sentAt: 1 }),
  ] as const
  const first = extreme([later, a, b], early('punctuality'))
  expect([a, b]).toContain(first)
  expect(extreme([b, a, later], early('punctuality'))).toBe(first)
  // The control: in another pipeline the same events have other ids.
  const names = ['q', 'r', 's', 't', 'u', 'v', 'w', 'x']
  expect(new Set(names.map((name) => extreme([a, b], early(name)))).size).toBe(2)
})

it.each([
  [1n, 3n, 1 / 3],
  [-1n, 3n, -1 / 3],
  [0n, 7n, 0],
  [9_939_001n, 10_000n, 993.9001],
  // Halfway between two doubles, and a little more.
  [2n ** 53n + 1n, 1n, 2 ** 53],
  [(2n ** 53n + 1n) * 10n ** 30n + 1n, 10n ** 30n, 2 ** 53 + 2],
])('%s / %s is rounded once', (numerator, denominator, nearest) => {
  expect(exactQuotient(numerator, denominator)).toBe(nearest)
})
