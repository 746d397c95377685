import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { RankedOrder } from '../../../../local/momento/items/ranked-order.ts'
import type { ScoredElement } from '../../../../local/momento/items/ranked-order.ts'

const byRank = (left: ScoredElement, right: ScoredElement): number =>
  left.score - right.score || (left.name < right.name ? -1 : 1)

/** Enough for several chunks, with many equal scores, by distinct names. */
const elements = fc.uniqueArray(
  fc.record({ name: fc.string({ minLength: 3, maxLength: 3 }), score: fc.integer({ min: 0, max: 20 }) }),
  { selector: ({ name }) => name, minLength: 1500, maxLength: 3000, size: 'max' },
)

test('thousands of elements, in whatever order they come and go, are as a sort of them', () => {
  fc.assert(
    fc.property(elements, (all) => {
      const order = new RankedOrder()
      for (const element of all) order.insert(element)
      expect(order.slice(0, all.length)).toEqual(all.toSorted(byRank))

      const [removed, left] = [
        all.filter((_, index) => index % 3 > 0),
        all.filter((_, index) => index % 3 === 0),
      ]
      for (const element of removed) order.remove(element)
      const sorted = left.toSorted(byRank)
      expect(order.slice(0, Infinity)).toEqual(sorted)
      for (const rank of [0, 1, 250, sorted.length - 1]) {
        const element = sorted[rank]
        expect(element && order.rankOf(element)).toBe(rank)
        expect(order.slice(rank, rank + 300)).toEqual(sorted.slice(rank, rank + 300))
      }
      for (const element of left) order.remove(element)
      expect(order.slice(0, Infinity)).toEqual([])
    }),
    { numRuns: 10, endOnFailure: true },
  )
})

test('a rank among 20,000 elements takes a few dozen comparisons', () => {
  const order = new RankedOrder()
  for (let score = 0; score < 20_000; score++)
    order.insert({ name: `${score}`, score: (score * 7919) % 20_000 })
  let comparisons = 0
  const rank = order.rank(({ score }) => {
    comparisons += 1
    return score < 12_345
  })
  expect(rank).toBe(12_345)
  expect(comparisons).toBeLessThan(40)
})
