import { RejectError } from '../errors.ts'

/** What an accumulator is made of: plain values that the codec writes, and equal states as equal bytes. */
export type State = number | bigint | readonly State[]

/**
 * A commutative monoid over states: `merge` is associative and commutative with `empty` as its identity, so totals
 * depend neither on order nor on batching. States are never changed in place.
 */
export interface Algebra<S extends State = State, Result = unknown> {
  /** Names the computation and its options; part of the definition's fingerprint, so of every cell's address. */
  readonly kind: string
  /** No state is encoded in more bytes. */
  readonly maximumStateBytes: number
  readonly empty: S
  merge(a: S, b: S): S
  result(state: S): Result
}

/** One thing that is computed per group: an algebra, and the way from an event into it. */
export interface Measure<Event, S extends State, Result> extends Algebra<S, Result> {
  /** The state of this event alone. Throws RejectError `invalid-value` where the value cannot be measured. */
  lift(event: Event): S
}

/** A measure whatever its state. Methods are bivariant, so measures of every state fit; states are never mixed. */
export type AnyMeasure<Event> = Measure<Event, State, unknown>

/** A finite number, without negative zero, or the record is rejected. */
export function finite(value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value === 0 ? 0 : value
  throw new RejectError('invalid-value', 'a measured value is not a finite number')
}

/** A whole number up to 2^53 in size, or the record is rejected. */
export function wholeNumber(value: unknown): number {
  if (Number.isSafeInteger(value)) return finite(value)
  throw new RejectError('invalid-value', 'a summed value is not a whole number within 2^53')
}

/** An exact sum: a number while it is within 2^53, a bigint beyond; so equal sums are equal states. */
export function exactSum(a: number | bigint, b: number | bigint): number | bigint {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b
    if (Number.isSafeInteger(sum)) return sum
  }
  const sum = BigInt(a) + BigInt(b)
  return sum >= Number.MIN_SAFE_INTEGER && sum <= Number.MAX_SAFE_INTEGER ? Number(sum) : sum
}
