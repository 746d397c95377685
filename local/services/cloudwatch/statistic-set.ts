/** Bounds of neighbouring bins of the histogram: a percentile is off by at most half of the 2 %. */
const binGrowth = 1.02
/** Bins of positive values, and of negative ones, from 1e-17 to 1e17; what is beyond is in the outermost. */
const outermostBin = 2_000

/** What is kept of the values of some time. */
export interface StatisticSet {
  count: number
  sum: number
  minimum: number
  maximum: number
  /** How many values there are about each of these; undefined while all values are the same. */
  bins: Map<number, number> | undefined
}

/** A set of so many values that are the same. */
export function statisticSet(value: number, count: number): StatisticSet {
  return { count, sum: value * count, minimum: value, maximum: value, bins: undefined }
}

/** Adds what one set has to another. */
export function mergeInto(set: StatisticSet, other: StatisticSet): void {
  const isUniform = set.minimum === set.maximum && other.minimum === other.maximum
  if (!isUniform || set.minimum !== other.minimum) {
    set.bins ??= new Map([[binOf(set.minimum), set.count]])
    for (const [bin, count] of other.bins ?? [[binOf(other.minimum), other.count]])
      set.bins.set(bin, (set.bins.get(bin) ?? 0) + count)
  }
  set.count += other.count
  set.sum += other.sum
  set.minimum = Math.min(set.minimum, other.minimum)
  set.maximum = Math.max(set.maximum, other.maximum)
}

/** The value that `percent` of the values, 0 to 100, are not above; off by at most 1 %. */
export function percentile({ count, minimum, maximum, bins }: StatisticSet, percent: number): number {
  let left = Math.max(1, Math.ceil((percent / 100) * count))
  if (left >= count) return maximum
  for (const [bin, binCount] of [...(bins ?? [])].sort(([one], [other]) => one - other)) {
    left -= binCount
    if (left <= 0) return Math.min(Math.max(bin, minimum), maximum)
  }
  return maximum
}

/** The middle of the bin that a value is in. */
function binOf(value: number): number {
  if (value === 0) return 0
  const bin = Math.ceil(Math.log(Math.abs(value)) / Math.log(binGrowth))
  const clamped = Math.min(Math.max(bin, -outermostBin), outermostBin)
  return (Math.sign(value) * 2 * binGrowth ** clamped) / (binGrowth + 1)
}
