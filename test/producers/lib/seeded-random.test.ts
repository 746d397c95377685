import { expect, it } from 'vitest'
import { seededRandom } from '../../../producers/lib/seeded-random.ts'

function numbersOf(seed: number, count: number): number[] {
  const random = seededRandom(seed)
  return Array.from({ length: count }, () => random())
}

it('gives the same numbers for the same seed, and others for its neighbour', () => {
  expect(numbersOf(7, 100)).toEqual(numbersOf(7, 100))
  expect(numbersOf(8, 100)).not.toEqual(numbersOf(7, 100))
})

it.each([0, 1, 2, 2 ** 32 - 1])('is even in [0, 1) from the first number on: seed %i', (seed) => {
  const tenths = Array.from({ length: 10 }, () => 0)
  for (const number of numbersOf(seed, 10_000)) {
    expect(number).toBeGreaterThanOrEqual(0)
    const tenth = Math.floor(number * 10)
    tenths[tenth] = (tenths[tenth] ?? 0) + 1
  }
  for (const count of tenths) expect(Math.abs(count - 1_000)).toBeLessThan(150)
})
