import { DefinitionError } from '../errors.ts'
import {
  finite,
  maximumNumberBytes,
  type MeasureOptions,
  type RetractableMeasure,
  wholeNumberBytes,
  withOptions,
} from './measure.ts'

/** How many values lie from `from` on and below `to`; `undefined` where the bucket has no such end. */
export interface HistogramBucket {
  readonly from: number | undefined
  readonly to: number | undefined
  readonly count: number
}

/** The count of each bucket; nothing where all are zero. */
type Counts = readonly number[]

const maximumBounds = 256
const listHeaderBytes = 3

/**
 * How many values lie below the first of `bounds`, between each and the next, and from the last on. A value on a bound
 * belongs to the bucket above it. A value that is not finite rejects its record.
 * @throws DefinitionError unless there are 1 to 256 bounds, finite and each above the one before.
 */
export function histogram<Event, const On extends string = never>(
  value: (event: Event) => number,
  options: MeasureOptions<Event, On> & { readonly bounds: readonly number[] },
): RetractableMeasure<Event, Counts, readonly HistogramBucket[], NoInfer<On>> {
  const bounds = checked(options.bounds)
  const buckets = [...bounds, undefined].map((to, index) => ({ from: bounds[index - 1], to }))
  // One state a bucket is all that events are ever lifted to.
  const units = buckets.map((_, bucket) => buckets.map((_bucket, index) => (index === bucket ? 1 : 0)))
  const empty: Counts = []
  const measure: RetractableMeasure<Event, Counts, readonly HistogramBucket[]> = {
    kind: `histogram:${bounds.join(',')}`,
    maximumStateBytes: listHeaderBytes + buckets.length * maximumNumberBytes,
    empty,
    lift: (event) => units[bucketOf(bounds, finite(value(event)))] ?? empty,
    merge: (a, b) => {
      if (a.length === 0) return b
      if (b.length === 0) return a
      const counts = a.slice()
      let isEmpty = true
      for (let index = 0; index < counts.length; index++) {
        const merged = (a[index] ?? 0) + (b[index] ?? 0)
        counts[index] = merged
        if (merged !== 0) isEmpty = false
      }
      return isEmpty ? empty : counts
    },
    negate: (state) => state.map((count) => 0 - count),
    stateBytes: (state) => {
      let bytes = listHeaderBytes
      for (const count of state) bytes += wholeNumberBytes(count)
      return bytes
    },
    result: (state) => buckets.map(({ from, to }, index) => ({ from, to, count: state[index] ?? 0 })),
  }
  return withOptions(measure, options)
}

/** How many of `bounds`, which are sorted, are `value` or below it. */
function bucketOf(bounds: readonly number[], value: number): number {
  let low = 0
  let high = bounds.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((bounds[middle] ?? Infinity) <= value) low = middle + 1
    else high = middle
  }
  return low
}

/** A copy, so that nobody changes it later. */
function checked(bounds: readonly number[]): readonly number[] {
  const rising = bounds.every((bound, index) => {
    return Number.isFinite(bound) && bound > (bounds[index - 1] ?? -Infinity)
  })
  if (rising && bounds.length > 0 && bounds.length <= maximumBounds) return bounds.map((bound) => bound + 0)
  throw new DefinitionError(
    `a histogram has 1 to ${maximumBounds} bounds, finite numbers and each above the one before`,
  )
}
