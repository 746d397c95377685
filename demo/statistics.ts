import { createHash } from 'node:crypto'
import type { Departure } from './journal.ts'

/** The sum of numbers. */
export function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}

/** The value at a probability of sorted values, by nearest rank: none is made up between two. */
export function nearestRank(sorted: readonly number[], probability: number): number {
  return sorted[Math.floor(probability * (sorted.length - 1))] ?? Number.NaN
}

/**
 * The variance of whole numbers, rounded once.
 * @throws RangeError for numbers so many or so large that doubles would round before.
 */
export function exactVariance(values: readonly number[]): number {
  const count = values.length
  const deviations = count * total(values.map((value) => value * value)) - total(values) ** 2
  if (count * total(values.map((value) => value * value)) > Number.MAX_SAFE_INTEGER) {
    throw new RangeError('the squares are beyond 2^53')
  }
  return deviations / (count * count)
}

/** The one of a list, which is not empty, that comes before all others. */
export function extreme<T>(list: readonly T[], comesBefore: (a: T, b: T) => boolean): T {
  return list.reduce((best, one) => (comesBefore(one, best) ? one : best))
}

/**
 * Whether a departure comes before another one: by event time, then by what identifies it in a pipeline, the first 96
 * bits of a SHA-256 over the pipeline's name and the departure's id, each with its length.
 */
export function early(pipeline: string): (a: Departure, b: Departure) => boolean {
  const idOf = ({ flightId }: Departure): string =>
    createHash('sha256')
      .update(`${pipeline.length}:${pipeline}${flightId.length}:${flightId}`)
      .digest('hex')
      .slice(0, 24)
  return (a, b) => a.sentAt < b.sentAt || (a.sentAt === b.sentAt && idOf(a) < idOf(b))
}

/** Bits enough that the last one, which stands for all that is cut off, is below those that a double rounds by. */
const quotientBits = 80

/** The double nearest to a fraction; `denominator` is above zero. */
export function exactQuotient(numerator: bigint, denominator: bigint): number {
  const sign = numerator < 0n ? -1 : 1
  const shift = quotientBits + denominator.toString(2).length
  const scaled = (numerator < 0n ? -numerator : numerator) << BigInt(shift)
  const whole = scaled / denominator
  const isCut = whole * denominator !== scaled
  return (sign * Number(isCut ? whole | 1n : whole)) / 2 ** shift
}
