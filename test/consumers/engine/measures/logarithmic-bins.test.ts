import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { logarithmicBins, smallestMagnitude } from '../../../../consumers/engine/measures/logarithmic-bins.ts'

const magnitude = fc.double({ min: smallestMagnitude, max: Number.MAX_VALUE, noNaN: true })
const relativeErrors = [0.001, 0.01, 0.05, 0.1]

describe.each(relativeErrors)('bins for a relative error of %d', (relativeError) => {
  const bins = logarithmicBins(relativeError)

  /** How far the middle of its bin is from a magnitude, relative to it. */
  const errorOf = (of: number): number => Math.abs(bins.middleOf(bins.binOf(of)) / of - 1)

  test('are no wider than it allows, whatever the magnitude', () => {
    fc.assert(
      fc.property(magnitude, (of) => {
        expect(errorOf(of)).toBeLessThanOrEqual(relativeError)
      }),
      { numRuns: 1000 },
    )
  })

  test('are no wider at their very ends, and follow each other without a gap', () => {
    const bits = new DataView(new ArrayBuffer(8))
    const neighbour = (of: number, step: bigint): number => {
      bits.setFloat64(0, of)
      bits.setBigInt64(0, bits.getBigInt64(0) + step)
      return bits.getFloat64(0)
    }
    for (const start of [1, 8, 2 ** -1022, 2 ** 1022]) {
      let first = start
      for (let count = 0; count < 100 && first < start * 1.99; count++) {
        let low = first
        let high = start * 2
        while (neighbour(low, 1n) < high) {
          const middle = low + (high - low) / 2
          if (bins.binOf(middle) === bins.binOf(first)) low = middle
          else high = middle
        }
        expect(errorOf(first)).toBeLessThanOrEqual(relativeError)
        expect(errorOf(low)).toBeLessThanOrEqual(relativeError)
        expect(bins.binOf(high)).toBe(bins.binOf(first) + 1)
        first = high
      }
    }
  })

  test('are numbered from 1, upwards with the magnitude', () => {
    expect(bins.binOf(smallestMagnitude)).toBe(1)
    expect(bins.binOf(Number.MAX_VALUE)).toBeLessThan(2 ** 20)
    fc.assert(
      fc.property(magnitude, magnitude, (a, b) => {
        expect(Math.sign(bins.binOf(a) - bins.binOf(b)) * Math.sign(a - b)).toBeGreaterThanOrEqual(0)
      }),
    )
  })
})
