import { expect, test } from 'vitest'
import { RejectError } from '../../../../consumers/engine/errors.ts'
import type { Measure, State } from '../../../../consumers/engine/measures/measure.ts'

/** Tests that `lift` rejects each of these values, and no others of its kind. */
export function testRefusals<Result>(
  measure: Measure<number, State, Result>,
  refused: readonly unknown[],
  accepted: readonly number[],
): void {
  test.each(refused)('%s rejects its record', (value) => {
    let failure: unknown
    try {
      measure.lift(value as number)
    } catch (error) {
      failure = error
    }
    expect(failure).toBeInstanceOf(RejectError)
    expect(failure).toMatchObject({ reason: 'invalid-value' })
  })

  test.each(accepted)('%d is measured', (value) => {
    expect(() => measure.lift(value)).not.toThrow()
  })
}

/** No measure takes these. */
export const notFinite: readonly unknown[] = [Number.NaN, Infinity, -Infinity, '1', null, undefined, 1n, [1]]
/** A sum of these would not be exact. */
export const notWhole: readonly unknown[] = [0.5, -1e-9, 2 ** 53, -(2 ** 53), Number.MAX_VALUE]
