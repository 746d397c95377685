import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  mergeBins,
  oneBin,
  type PackedBins,
  unpackBins,
} from '../../../../consumers/engine/measures/packed-bins.ts'

const nothing: PackedBins = new Uint8Array(0)
/** Near each other and far apart, of both signs, and zero. */
const bin = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 2, max: 60 }),
  fc.integer({ min: 2, max: 2 ** 21 - 1 }),
)
const bins = fc.array(bin, { maxLength: 60 })

/** The bins' counts, worked out without packing. */
function naiveCounts(list: readonly number[], maximumBins: number): readonly (readonly [number, number])[] {
  const lowest = Math.max(...list.map((each) => each >>> 1)) - maximumBins + 1
  const counts = new Map<number, number>()
  for (const each of list) {
    const kept = each === 0 || each >>> 1 >= lowest ? each : 2 * lowest + (each % 2)
    counts.set(kept, (counts.get(kept) ?? 0) + 1)
  }
  return [...counts].sort(([a], [b]) => b - a)
}

function packed(list: readonly number[], maximumBins: number): PackedBins {
  return list.reduce((total, each) => mergeBins(total, oneBin(each), maximumBins), nothing)
}

describe('packed bins', () => {
  test.each([1, 16, 100, 4096])(
    'hold the counts, with the lowest magnitudes as one: %i bins',
    (maximumBins) => {
      fc.assert(
        fc.property(bins, bins, (a, b) => {
          expect(unpackBins(packed(a, maximumBins))).toEqual(naiveCounts(a, maximumBins))
          const merged = mergeBins(packed(a, maximumBins), packed(b, maximumBins), maximumBins)
          expect(unpackBins(merged)).toEqual(naiveCounts([...a, ...b], maximumBins))
          expect(merged).toEqual(
            packed(
              [...b, ...a].sort((one, other) => one - other),
              maximumBins,
            ),
          )
        }),
        { numRuns: 300 },
      )
    },
  )

  test('count through every length of a number', () => {
    let total = packed([8, 8, 5], 16)
    for (let doubling = 0; doubling < 40; doubling++) total = mergeBins(total, total, 16)
    expect(unpackBins(total)).toEqual([
      [8, 2 ** 41],
      [5, 2 ** 40],
    ])
    expect(
      unpackBins(
        packed(
          Array.from({ length: 20_000 }, () => 6),
          16,
        ),
      ),
    ).toEqual([[6, 20_000]])
  })

  test('leave what they were made of as it was', () => {
    const a = packed([8, 8, 5], 16)
    const before = a.slice()
    expect(mergeBins(a, oneBin(5), 16)).not.toEqual(before)
    expect(mergeBins(oneBin(7), a, 16)).not.toEqual(before)
    expect(a).toEqual(before)
  })
})
