import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type {
  Measure,
  Occurrence,
  RetractableMeasure,
  State,
} from '../../../../consumers/engine/measures/measure.ts'
import { encodedState, encodedStateBytes, storedState } from './encoded-state.ts'

/** An event as a measure meets it. */
interface Event<Value> {
  readonly value: Value
  readonly occurrence: Occurrence
}

const maximumEvents = 20
const numRuns = 200
/** Small words make ids that differ in one word only. */
const word = fc.oneof(fc.nat(1), fc.constantFrom(2 ** 31, 2 ** 32 - 1))
/** Few times and ids, so that events tie. */
const anyOccurrence: fc.Arbitrary<Occurrence> = fc.record({
  timeMs: fc.constantFrom(-1, 0, 1_700_000_000_000, 1_700_000_000_000.5),
  id: fc.tuple(word, word, word),
})

/** Any place in the stream and time, for tests in which it does not matter. */
export const someOccurrence: Occurrence = { timeMs: 1_700_000_000_000, id: [1, 2, 3] }

/**
 * Tests that a measure is a commutative monoid whose result is `naive`'s, and that its states are what they say they
 * are: equal for equal multisets of events, byte for byte, under their bounds, and never changed in place.
 */
export function testLaws<Value, S extends State, Result>(
  measure: Measure<Value, S, Result, string>,
  value: fc.Arbitrary<Value>,
  naive: (values: readonly Value[], occurrences: readonly Occurrence[]) => Result,
): void {
  testMonoid(measure, value)

  test('the result is that of the naive computation', () => {
    fc.assert(
      fc.property(eventsOf(value), (events) => {
        const values = events.map((event) => event.value)
        const occurrences = events.map((event) => event.occurrence)
        expect(measure.result(total(measure, events))).toEqual(naive(values, occurrences))
      }),
      { numRuns },
    )
  })
}

/** `testLaws` without the result, for measures that only come close to the naive computation. */
export function testMonoid<Value, S extends State, Result>(
  measure: Measure<Value, S, Result, string>,
  value: fc.Arbitrary<Value>,
): void {
  const events = eventsOf(value)
  const state = events.map((list) => total(measure, list))

  test('merging is commutative and associative, and the empty state changes nothing', () => {
    fc.assert(
      fc.property(state, state, state, (a, b, c) => {
        expect(exactly(measure.merge(a, b))).toEqual(exactly(measure.merge(b, a)))
        expect(exactly(measure.merge(measure.merge(a, b), c))).toEqual(
          exactly(measure.merge(a, measure.merge(b, c))),
        )
        expect(exactly(measure.merge(a, measure.empty))).toEqual(exactly(a))
        expect(exactly(measure.merge(measure.empty, a))).toEqual(exactly(a))
      }),
      { numRuns },
    )
  })

  test('however events are ordered and batched, the state is the same to the byte', () => {
    const groups = fc.array(fc.nat(2), { minLength: maximumEvents, maxLength: maximumEvents })
    fc.assert(
      fc.property(reordered(events), groups, ([list, otherwise], groupOf) => {
        const parts = [0, 1, 2].map((group) =>
          total(
            measure,
            otherwise.filter((_, index) => groupOf[index] === group),
          ),
        )
        const merged = parts.reduce((a, b) => measure.merge(a, b), measure.empty)
        expect(exactly(merged)).toEqual(exactly(total(measure, list)))
      }),
      { numRuns },
    )
  })

  test('no state takes more bytes than the measure says, and each is read back as it was', () => {
    fc.assert(
      fc.property(state, (a) => {
        const bytes = bytesAndBounds(measure, a)
        expect(bytes).toEqual(ascending(bytes))
        expect(exactly(storedState(a))).toEqual(exactly(a))
      }),
      { numRuns },
    )
  })

  test('no state is changed in place', () => {
    fc.assert(
      fc.property(state, state, events, (a, b, list) => {
        const before = structuredClone([a, b, measure.empty])
        const lifted = list.map((event) => measure.lift(event.value, event.occurrence))
        const liftedBefore = structuredClone(lifted)
        for (const each of lifted) measure.merge(measure.merge(a, each), b)
        measure.merge(measure.empty, a)
        measure.result(a)
        expect([a, b, measure.empty]).toEqual(before)
        expect(lifted).toEqual(liftedBefore)
      }),
      { numRuns },
    )
  })
}

/** Tests that what a retractable measure added can be taken back, whatever happened meanwhile. */
export function testRetraction<Value, S extends State, Result>(
  measure: RetractableMeasure<Value, S, Result, string>,
  value: fc.Arbitrary<Value>,
): void {
  const events = eventsOf(value)

  test('what is added and taken back leaves the very bytes of the empty state', () => {
    fc.assert(
      fc.property(events, (list) => {
        const state = total(measure, list)
        expect(exactly(measure.merge(state, measure.negate(state)))).toEqual(exactly(measure.empty))
        expect(exactly(measure.merge(measure.negate(state), state))).toEqual(exactly(measure.empty))
        expect(exactly(measure.negate(measure.negate(state)))).toEqual(exactly(state))
        const negated = measure.negate(state)
        expect(exactly(storedState(negated))).toEqual(exactly(negated))
        const bytes = bytesAndBounds(measure, negated)
        expect(bytes).toEqual(ascending(bytes))
      }),
      { numRuns },
    )
    expect(exactly(measure.negate(measure.empty))).toEqual(exactly(measure.empty))
  })

  test('among other events and in any order, events and their retractions leave the others alone', () => {
    const order = fc.array(fc.nat(), { minLength: 3 * maximumEvents, maxLength: 3 * maximumEvents })
    fc.assert(
      fc.property(events, events, order, (retracted, others, ranks) => {
        const lifted = retracted.map((event) => measure.lift(event.value, event.occurrence))
        const states = [
          ...lifted,
          ...lifted.map((state) => measure.negate(state)),
          ...others.map((event) => measure.lift(event.value, event.occurrence)),
        ]
        let state = measure.empty
        const sizes: (readonly number[])[] = []
        for (const each of byRank(states, ranks)) {
          state = measure.merge(state, each)
          sizes.push(bytesAndBounds(measure, state))
          // Retractions may come first; a reader meets that as well, and this must not throw.
          measure.result(state)
        }
        expect(sizes).toEqual(sizes.map(ascending))
        expect(exactly(state)).toEqual(exactly(total(measure, others)))
      }),
      { numRuns },
    )
  })
}

function eventsOf<Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<readonly Event<Value>[]> {
  return fc.array(fc.record({ value, occurrence: anyOccurrence }), { maxLength: maximumEvents })
}

function total<Value, S extends State, Result>(
  measure: Measure<Value, S, Result, string>,
  events: readonly Event<Value>[],
): S {
  return events.reduce(
    (state, event) => measure.merge(state, measure.lift(event.value, event.occurrence)),
    measure.empty,
  )
}

/** A list, and the same in another order. */
function reordered<T>(list: fc.Arbitrary<readonly T[]>): fc.Arbitrary<readonly [readonly T[], readonly T[]]> {
  return fc
    .tuple(list, fc.array(fc.nat(), { minLength: maximumEvents, maxLength: maximumEvents }))
    .map(([items, ranks]) => [items, byRank(items, ranks)])
}

function byRank<T>(items: readonly T[], ranks: readonly number[]): readonly T[] {
  return items
    .map((item, index) => ({ item, rank: ranks[index] ?? 0 }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item)
}

/** Equal where two states are the same, to the byte. */
function exactly(state: State): { readonly state: State; readonly bytes: string } {
  return { state, bytes: encodedState(state).toString('hex') }
}

/** In ascending order where a state keeps the bounds that its measure names. */
function bytesAndBounds<S extends State>(
  { stateBytes, maximumStateBytes }: Pick<Measure<never, S, unknown>, 'stateBytes' | 'maximumStateBytes'>,
  state: S,
): readonly number[] {
  return [encodedStateBytes(state), stateBytes?.(state) ?? maximumStateBytes, maximumStateBytes]
}

function ascending(numbers: readonly number[]): readonly number[] {
  return numbers.toSorted((a, b) => a - b)
}
