/**
 * Bins of magnitudes, numbered upwards from 1, none wider than a relative error allows: any magnitude of a bin is within
 * that error of the bin's middle.
 */
export interface LogarithmicBins {
  /** The bin of a magnitude of at least `smallestMagnitude`; the same on every machine. */
  binOf(magnitude: number): number
  middleOf(bin: number): number
}

/** The smallest double of full precision; what is smaller has no bin. */
export const smallestMagnitude = 2 ** -1022
/** The middle is worked out in doubles: bins are narrower by this share, so that rounding cannot break the bound. */
const roundingShare = 1e-9
/** Of a double: sign, 11 bits of exponent, and of the fraction the first 20 bits in its first word. */
const exponentShift = 20
const firstFractionMask = 2 ** exponentShift - 1
/** The exponent bits of numbers from 1 to below 2. */
const exponentOfOne = 1023

/**
 * The bins for a relative error. Each octave, from one power of two to the next, is cut in the same way: at
 * 1, gamma, gamma^2 ... with gamma = (1 + error) / (1 - error). So a bin is found from a double's bits and from
 * multiplications and comparisons, which IEEE 754 defines to the last bit, while logarithms differ between releases.
 */
export function logarithmicBins(relativeError: number): LogarithmicBins {
  const error = relativeError * (1 - roundingShare)
  const gamma = (1 + error) / (1 - error)
  const bounds: number[] = []
  for (let bound = 1; bound < 2; bound *= gamma) bounds.push(bound)
  // The harmonic mean of a bin's ends is equally far from both, relative to them.
  const middles = bounds.map((low, index) => {
    const high = bounds[index + 1] ?? 2
    return (2 * low * high) / (low + high)
  })
  const double = new DataView(new ArrayBuffer(8))

  /** A number from 1 to below 2, moved into the octave of these exponent bits; or the other way round. */
  const withExponent = (number: number, exponent: number): number => {
    double.setFloat64(0, number)
    double.setUint32(0, (exponent << exponentShift) | (double.getUint32(0) & firstFractionMask))
    return double.getFloat64(0)
  }

  return {
    binOf: (magnitude) => {
      double.setFloat64(0, magnitude)
      const exponent = double.getUint32(0) >>> exponentShift
      const fraction = withExponent(magnitude, exponentOfOne)
      return (exponent - 1) * bounds.length + lastAtMost(bounds, fraction) + 1
    },
    middleOf: (bin) => {
      const octave = Math.floor((bin - 1) / bounds.length)
      return withExponent(middles[(bin - 1) % bounds.length] ?? 1, octave + 1)
    },
  }
}

/** The index of the last of these sorted bounds that is at most `number`, which is at least the first. */
function lastAtMost(bounds: readonly number[], number: number): number {
  let low = 0
  let high = bounds.length
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if ((bounds[middle] ?? Infinity) <= number) low = middle
    else high = middle
  }
  return low
}
