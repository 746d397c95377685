import { RejectError } from '../errors.ts'
import type { EventId } from '../identity.ts'

/** What an accumulator is made of: plain values that the codec writes, and equal states as equal bytes. */
export type State = number | bigint | string | Uint8Array | readonly State[]

/**
 * A commutative monoid over states: `merge` is associative and commutative with `empty` as its identity, so totals
 * depend neither on order nor on batching. States are never changed in place; `merge` may return one that it was given.
 */
export interface Algebra<S extends State = State, Result = unknown> {
  /** Names the computation and its options; part of the definition's fingerprint, so of every cell's address. */
  readonly kind: string
  /** No state is encoded in more bytes. */
  readonly maximumStateBytes: number
  readonly empty: S
  merge(a: S, b: S): S
  /** This state is encoded in no more bytes than this. Left out where all states are about as large as the largest. */
  stateBytes?(state: S): number
  result(state: S): Result
}

/** What is known of an event besides its payload. */
export interface Occurrence {
  /** Event time, epoch milliseconds. */
  readonly timeMs: number
  readonly id: EventId
}

/**
 * One thing that is computed per group: an algebra, and the way from an event into it. `On` names the groupings that it
 * is kept for; `never` where it is kept for all.
 */
export interface Measure<Event, S extends State, Result, On extends string = never> extends Algebra<
  S,
  Result
> {
  /** The groupings that it is kept for. Left out: all. */
  readonly on?: readonly On[] | undefined
  /** The state of this event alone. Throws RejectError `invalid-value` where the value cannot be measured. */
  lift(event: Event, occurrence: Occurrence): S
}

/** A measure with an inverse, so that what an event once added can be taken back: `merge(a, negate(a))` is empty. */
export interface RetractableMeasure<
  Event,
  S extends State,
  Result,
  On extends string = never,
> extends Measure<Event, S, Result, On> {
  negate(state: S): S
}

/** What every measure may be told. */
export interface MeasureOptions<Event, On extends string> {
  /** Keeps the measure for these groupings alone. Default: for all. */
  readonly on?: readonly On[]
  /** Measures only events for which this holds; the others leave it as it is. Default: all events. */
  readonly where?: (event: Event) => boolean
}

/** A measure whatever its state. Methods are bivariant, so measures of every state fit; states are never mixed. */
export type AnyMeasure<Event, On extends string = string> = Measure<Event, State, unknown, On>

/** A retractable measure whatever its state. */
export type AnyRetractableMeasure<Event, On extends string = string> = RetractableMeasure<
  Event,
  State,
  unknown,
  On
>

/** `measure` as its options say. */
export function withOptions<Event, M extends AnyMeasure<Event, never>, On extends string>(
  measure: M,
  { on, where }: MeasureOptions<Event, On>,
): M & { readonly on?: readonly On[] | undefined } {
  return {
    ...measure,
    ...(on !== undefined && { on }),
    ...(where !== undefined && {
      lift: (event: Event, occurrence: Occurrence) =>
        where(event) ? measure.lift(event, occurrence) : measure.empty,
    }),
  }
}

/** A finite number, without negative zero, or the record is rejected. */
export function finite(value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value === 0 ? 0 : value
  throw new RejectError('invalid-value', 'a measured value is not a finite number')
}

/** A whole number as states hold it: a number while it is within 2^53, a bigint beyond; so equal ones are equal bytes. */
export function exactInteger(value: bigint): number | bigint {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value
}

/** The exact sum of two whole numbers. */
export function exactSum(a: number | bigint, b: number | bigint): number | bigint {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b
    if (Number.isSafeInteger(sum)) return sum
  }
  return exactInteger(BigInt(a) + BigInt(b))
}

/** The exact square of a whole number. */
export function exactSquare(value: number | bigint): number | bigint {
  if (typeof value === 'number') {
    const square = value * value
    if (Number.isSafeInteger(square)) return square
  }
  return exactInteger(BigInt(value) ** 2n)
}

/** The exact opposite of a whole number. */
export function exactOpposite(value: number | bigint): number | bigint {
  return typeof value === 'number' ? 0 - value : -value
}

/** A number is encoded in no more bytes: a double with its msgpack header. */
export const maximumNumberBytes = 9

/** `value`, a whole number that is never encoded in more bytes than `maximumBytes`, is encoded in no more than this. */
export function exactIntegerBytes(value: number | bigint, maximumBytes: number): number {
  return typeof value === 'number' ? wholeNumberBytes(value) : maximumBytes
}

/** A whole number within 2^53 is encoded in no more bytes than this. */
export function wholeNumberBytes(value: number): number {
  if (value >= -32 && value < 128) return 1
  return value >= -(2 ** 31) && value < 2 ** 32 ? 5 : maximumNumberBytes
}
