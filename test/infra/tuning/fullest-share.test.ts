import { describe, expect, it } from 'vitest'
import { fullestShare } from '../../../infra/tuning/fullest-share.ts'
import { seededRandom } from '../../../producers/lib/seeded-random.ts'

/** Of how many of 300 deals the fullest part gets more than is said. */
function misses(parts: number, keys: number): number {
  const random = seededRandom(parts * keys)
  const bound = fullestShare(parts, 1 / keys)
  let missed = 0
  for (let deal = 0; deal < 300; deal += 1) {
    const counts = new Uint32Array(parts)
    for (let key = 0; key < keys; key += 1) {
      const part = Math.floor(random() * parts)
      counts[part] = (counts[part] ?? 0) + 1
    }
    if (Math.max(...counts) / keys > bound) missed += 1
  }
  return missed
}

describe('the share of the fullest part', () => {
  it('is all of one part, and all of one key', () => {
    expect(fullestShare(1, 0.001)).toBe(1)
    expect(fullestShare(50, 1)).toBe(1)
  })

  it.each([
    [2, 100],
    [4, 300],
    [20, 50],
    [40, 10_000],
  ])('of %i parts and %i keys is passed by one of a hundred deals at most', (parts, keys) => {
    expect(misses(parts, keys)).toBeLessThanOrEqual(3 + 3)
  })

  it('comes near an even share, the more keys there are', () => {
    const shares = [10, 100, 10_000, 1_000_000].map((keys) => fullestShare(4, 1 / keys))
    expect(shares).toEqual(shares.toSorted((a, b) => b - a))
    expect(shares.at(-1)).toBeLessThan(0.252)
    expect(shares.at(-1)).toBeGreaterThan(0.25)
  })
})
