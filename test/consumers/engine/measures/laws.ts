import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Measure, State } from '../../../../consumers/engine/measures/measure.ts'
import { encodedStateBytes } from './encoded-state.ts'

/** Shares of a list: the values, and to which of a few groups each goes. */
function grouped<T>(values: readonly T[], groups: readonly number[]): readonly (readonly T[])[] {
  const lists: T[][] = [[], [], []]
  for (const [index, value] of values.entries()) lists[(groups[index] ?? 0) % lists.length]?.push(value)
  return lists
}

/**
 * Tests that a measure is a commutative monoid whose result is `naive`'s, and that its states stay under the bound that
 * it names.
 */
export function testLaws<Value, S extends State, Result>(
  measure: Measure<Value, S, Result>,
  value: fc.Arbitrary<Value>,
  naive: (values: readonly Value[]) => Result,
): void {
  const total = (values: readonly Value[]): S =>
    values.reduce((state, each) => measure.merge(state, measure.lift(each)), measure.empty)
  const values = fc.array(value, { maxLength: 20 })
  const state = values.map(total)

  test('merging is commutative and associative, and the empty state changes nothing', () => {
    fc.assert(
      fc.property(state, state, state, (a, b, c) => {
        expect(measure.merge(a, b)).toEqual(measure.merge(b, a))
        expect(measure.merge(measure.merge(a, b), c)).toEqual(measure.merge(a, measure.merge(b, c)))
        expect(measure.merge(a, measure.empty)).toEqual(a)
        expect(measure.merge(measure.empty, a)).toEqual(a)
      }),
      { numRuns: 200 },
    )
  })

  test('however events are ordered and batched, the state is the same and the result the naive one', () => {
    fc.assert(
      fc.property(values, fc.array(fc.nat(), { minLength: 20, maxLength: 20 }), (list, groups) => {
        const parts = grouped(list.toReversed(), groups).map(total)
        const merged = parts.reduce((a, b) => measure.merge(a, b), measure.empty)
        expect(merged).toEqual(total(list))
        expect(measure.result(merged)).toEqual(naive(list))
      }),
      { numRuns: 200 },
    )
  })

  test('no state takes more bytes than the measure says, and none is changed in place', () => {
    fc.assert(
      fc.property(state, state, (a, b) => {
        const before = structuredClone([a, b])
        expect(encodedStateBytes(measure.merge(a, b))).toBeLessThanOrEqual(measure.maximumStateBytes)
        expect([a, b]).toEqual(before)
      }),
    )
  })
}
