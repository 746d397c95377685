import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { laneOfKey } from '../../../local/event-source-mapping/lane-of-key.ts'

function spread(keys: readonly string[], factor: number): number[] {
  const counts = Array.from({ length: factor }, () => 0)
  for (const key of keys) {
    const lane = laneOfKey(key, factor)
    counts[lane] = (counts[lane] ?? 0) + 1
  }
  return counts
}

describe('the lane of a key', () => {
  const keys = Array.from({ length: 1000 }, (_, index) => `flight-${index}`)

  it.each([2, 3, 8, 10])('is even over 1,000 keys and %i lanes', (factor) => {
    const share = keys.length / factor
    const counts = spread(keys, factor)
    expect(counts).toHaveLength(factor)
    for (const count of counts) {
      expect(count).toBeGreaterThan(share * 0.7)
      expect(count).toBeLessThan(share * 1.3)
    }
  })

  it('is even over the keys of a single shard of sixteen', () => {
    const many = Array.from({ length: 16_000 }, (_, index) => `flight-${index}`)
    const ofOneShard = many.filter((key) => createHash('md5').update(key).digest('hex').startsWith('0'))
    expect(ofOneShard.length).toBeGreaterThan(500)
    const share = ofOneShard.length / 10
    for (const count of spread(ofOneShard, 10)) {
      expect(count).toBeGreaterThan(share * 0.7)
      expect(count).toBeLessThan(share * 1.3)
    }
  })

  it('is always the same', () => {
    expect(laneOfKey('JFK', 10)).toBe(laneOfKey('JFK', 10))
  })

  it('is the only one where there is one', () => {
    expect(spread(keys, 1)).toEqual([1000])
  })
})
