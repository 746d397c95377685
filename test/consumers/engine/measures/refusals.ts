import { expect, test } from 'vitest'
import { RejectError } from '../../../../consumers/engine/errors.ts'
import type { Measure, State } from '../../../../consumers/engine/measures/measure.ts'
import { someOccurrence } from './laws.ts'

/** Tests that `lift` rejects each of these values, and none of those. */
export function testRefusals<Value>(
  measure: Measure<Value, State, unknown, string>,
  refused: readonly unknown[],
  accepted: readonly Value[],
): void {
  test.each(refused.map((value) => [value]))('%s rejects its record', (value) => {
    let failure: unknown
    try {
      measure.lift(value as Value, someOccurrence)
    } catch (error) {
      failure = error
    }
    expect(failure).toBeInstanceOf(RejectError)
    expect(failure).toMatchObject({ reason: 'invalid-value' })
  })

  test.each(accepted.map((value) => [value]))('%s is measured', (value) => {
    expect(() => measure.lift(value, someOccurrence)).not.toThrow()
  })
}

/** No measure takes these as numbers. */
export const notFinite: readonly unknown[] = [
  Number.NaN,
  Infinity,
  -Infinity,
  'x',
  '',
  null,
  undefined,
  {},
  [1],
]
