import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Measure, State } from '../../../../consumers/engine/measures/measure.ts'
import { SeededRandom } from '../seeded-random.ts'
import { encodedState, encodedStateBytes, storedState } from './encoded-state.ts'
import { someOccurrence } from './laws.ts'

const maximumValues = 60

/**
 * Tests that a sketch's states depend on the multiset of values alone, to the byte, whatever changes of form they go
 * through, also where some were stored meanwhile; that they keep their bounds and are never changed in place. States
 * are compared as they are encoded, because bytes that were stored come back as a Buffer.
 */
export function testSketchLaws<Value, S extends State, Result>(
  measure: Measure<Value, S, Result>,
  value: fc.Arbitrary<Value>,
): void {
  const values = fc.array(value, { maxLength: maximumValues })

  test('merging is commutative and associative, and the empty state changes nothing', () => {
    fc.assert(
      fc.property(values, values, values, (valuesA, valuesB, valuesC) => {
        const [a, b, c] = [total(measure, valuesA), total(measure, valuesB), total(measure, valuesC)]
        expect(bytesOf(measure.merge(a, b))).toBe(bytesOf(measure.merge(b, a)))
        const left = measure.merge(measure.merge(a, b), c)
        expect(bytesOf(left)).toBe(bytesOf(measure.merge(a, measure.merge(b, c))))
        expect(bytesOf(left)).toBe(bytesOf(total(measure, [...valuesC, ...valuesA, ...valuesB])))
        expect(bytesOf(measure.merge(a, measure.empty))).toBe(bytesOf(a))
        expect(bytesOf(measure.merge(measure.empty, a))).toBe(bytesOf(a))
      }),
    )
  })

  test('however values are ordered and batched, the state is the same to the byte', () => {
    fc.assert(
      fc.property(values, fc.nat(), (list, seed) => {
        expect(bytesOf(mergedAtRandom(measure, list, seed))).toBe(bytesOf(total(measure, list)))
      }),
    )
  })

  test('no state takes more bytes than the measure says, and none is changed in place', () => {
    fc.assert(
      fc.property(values, values, (valuesA, valuesB) => {
        const states = [total(measure, valuesA), total(measure, valuesB), measure.empty]
        states.push(...valuesA.map((each) => measure.lift(each, someOccurrence)))
        const before = states.map(bytesOf)
        for (const a of states) {
          for (const b of states.slice(0, 3)) expect(isWithinBounds(measure, measure.merge(a, b))).toBe(true)
          measure.result(a)
        }
        expect(states.map(bytesOf)).toEqual(before)
      }),
    )
  })
}

/** The state of these values, merged one after the other. */
export function total<Value, S extends State, Result>(
  measure: Measure<Value, S, Result>,
  values: readonly Value[],
): S {
  return values.reduce(
    (state, value) => measure.merge(state, measure.lift(value, someOccurrence)),
    measure.empty,
  )
}

/** The same in a random order and grouping; now and then what was merged is stored and read back. */
export function mergedAtRandom<Value, S extends State, Result>(
  measure: Measure<Value, S, Result>,
  values: readonly Value[],
  seed: number,
): S {
  const random = new SeededRandom(seed)
  const states = values.map((value) => measure.lift(value, someOccurrence))
  while (states.length > 1) {
    const [a = measure.empty] = states.splice(random.below(states.length), 1)
    const at = random.below(states.length)
    const merged = measure.merge(states[at] ?? measure.empty, a)
    states[at] = random.chance(0.2) ? (storedState(merged) as S) : merged
  }
  return states[0] ?? measure.empty
}

/** Whether a state is encoded in no more bytes than its measure says of it, and that in no more than of all. */
export function isWithinBounds<Value, S extends State, Result>(
  measure: Measure<Value, S, Result>,
  state: S,
): boolean {
  const boundBytes = measure.stateBytes?.(state) ?? measure.maximumStateBytes
  return encodedStateBytes(state) <= boundBytes && boundBytes <= measure.maximumStateBytes
}

/** A state's bytes in a cell, as hexadecimal text. */
export function bytesOf(state: State): string {
  return encodedState(state).toString('hex')
}
