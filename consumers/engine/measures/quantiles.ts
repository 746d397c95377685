import { DefinitionError } from '../errors.ts'
import { type LogarithmicBins, logarithmicBins, smallestMagnitude } from './logarithmic-bins.ts'
import { finite, type Measure, type MeasureOptions, withOptions } from './measure.ts'
import {
  type BinCount,
  maximumGapBytes,
  mergeBins,
  oneBin,
  type PackedBins,
  unpackBins,
} from './packed-bins.ts'

/** Nothing, or the extremes and the counts of the bins between. */
type QuantilesState = readonly [] | readonly [min: number, max: number, bins: PackedBins]

/** Names of quantiles, each with its probability, from 0 to 1. */
type Probabilities = Readonly<Record<string, number>>

/** What `quantiles` may be told. */
export interface QuantilesOptions<Event, Names extends string, On extends string> extends MeasureOptions<
  Event,
  On
> {
  /** Of every quantile, relative to itself. From 0.001 to 0.1. Default 0.01. */
  readonly relativeError?: number
  /**
   * Bins of each sign, from the largest magnitude down; smaller magnitudes are counted in the lowest of them, where the
   * error has no bound. From 16 to 4,096. Default 1,024: at 1 %, magnitudes down to 10^-8 of the largest are told apart.
   */
  readonly maximumBins?: number
  /** What is read: names with their probabilities. Default `{ p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 }`. */
  readonly probabilities?: Readonly<Record<Names, number>>
}

const commonProbabilities = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 }
const minimumRelativeError = 0.001
const maximumRelativeError = 0.1
const fewestBins = 16
const mostBins = 4096
/** A count in LEB128, up to 2^40 events. */
const maximumCountBytes = 6
/** In msgpack: a short list, two doubles, and the header of a byte string under 64 KB. */
const framingBytes = 1 + 9 + 9 + 3

/**
 * Quantiles within a relative error, by DDSketch (Masson, Rim, Lee 2019, arXiv:1908.10693). The quantile at a probability
 * is the value `sorted[Math.floor(probability * (count - 1))]`; what is read lies within the relative error of it, and
 * within the smallest and the largest value, which are exact. Magnitudes below 2.3e-308 count as zero, and those beyond
 * `maximumBins` are not told apart. A state depends on the values alone. `undefined` of no events. A value that is not
 * finite rejects its record.
 * @throws DefinitionError for an option out of its range.
 */
export function quantiles<
  Event,
  const On extends string = never,
  Names extends string = keyof typeof commonProbabilities,
>(
  value: (event: Event) => number,
  {
    relativeError = 0.01,
    maximumBins = 1024,
    probabilities,
    ...options
  }: QuantilesOptions<Event, Names, On> = {},
): Measure<Event, QuantilesState, Readonly<Record<Names, number>> | undefined, NoInfer<On>> {
  const read: Probabilities = probabilities ?? commonProbabilities
  check(relativeError, maximumBins, read)
  const mapping = logarithmicBins(relativeError)
  const measure: Measure<Event, QuantilesState, Readonly<Record<Names, number>> | undefined> = {
    kind: `quantiles(${relativeError},${maximumBins})`,
    maximumStateBytes: framingBytes + maximumBinsBytes(maximumBins),
    empty: [],
    lift: (event) => {
      const number = finite(value(event))
      return [number, number, oneBin(signedBin(mapping, number))]
    },
    merge: (a, b) => {
      if (a.length === 0) return b
      if (b.length === 0) return a
      return [Math.min(a[0], b[0]), Math.max(a[1], b[1]), mergeBins(a[2], b[2], maximumBins)]
    },
    stateBytes: (state) => framingBytes + (state.length === 0 ? 0 : state[2].length),
    result: (state) => (state.length === 0 ? undefined : quantilesOf(state, mapping, read)),
  }
  return withOptions(measure, options)
}

function signedBin(mapping: LogarithmicBins, number: number): number {
  const magnitude = Math.abs(number)
  if (magnitude < smallestMagnitude) return 0
  return 2 * mapping.binOf(magnitude) + (number < 0 ? 1 : 0)
}

function quantilesOf(
  [min, max, bins]: readonly [number, number, PackedBins],
  mapping: LogarithmicBins,
  probabilities: Probabilities,
): Readonly<Record<string, number>> {
  const ascending = byValue(unpackBins(bins))
  const count = ascending.reduce((total, [, ofBin]) => total + ofBin, 0)
  const read = Object.entries(probabilities).map(([name, probability]) => {
    const bin = binOfRank(ascending, Math.floor(probability * (count - 1)))
    const magnitude = bin === 0 ? 0 : mapping.middleOf(bin >>> 1)
    return [name, Math.min(Math.max(bin % 2 === 1 ? -magnitude : magnitude, min), max)] as const
  })
  return Object.fromEntries(read)
}

/** Bins come from the largest magnitude down: negative ones in the order of their values, the others against it. */
function byValue(bins: readonly BinCount[]): readonly BinCount[] {
  return [...bins.filter(([bin]) => bin % 2 === 1), ...bins.filter(([bin]) => bin % 2 === 0).toReversed()]
}

/** The bin of the value that has `rank` smaller or equal ones before it. */
function binOfRank(ascending: readonly BinCount[], rank: number): number {
  let before = 0
  for (const [bin, count] of ascending) {
    before += count
    if (before > rank) return bin
  }
  return 0
}

/** Gaps take one byte, except the first, zero's, and those of 128 or more: there is room for one in 64 magnitudes. */
function maximumBinsBytes(maximumBins: number): number {
  return (2 * maximumBins + 1) * (1 + maximumCountBytes) + Math.ceil(maximumBins / 64) + 2 * maximumGapBytes
}

function check(relativeError: number, maximumBins: number, probabilities: Probabilities): void {
  if (!(relativeError >= minimumRelativeError && relativeError <= maximumRelativeError)) {
    throw new DefinitionError(
      `quantiles: relativeError is from ${minimumRelativeError} to ${maximumRelativeError}`,
    )
  }
  if (!Number.isInteger(maximumBins) || maximumBins < fewestBins || maximumBins > mostBins) {
    throw new DefinitionError(`quantiles: maximumBins is a whole number from ${fewestBins} to ${mostBins}`)
  }
  const list = Object.values(probabilities)
  if (list.length === 0 || !list.every((probability) => probability >= 0 && probability <= 1)) {
    throw new DefinitionError('quantiles: probabilities are names, one at least, with numbers from 0 to 1')
  }
}
