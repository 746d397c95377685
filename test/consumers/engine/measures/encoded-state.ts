import { Packr } from 'msgpackr'
import type { State } from '../../../../consumers/engine/measures/measure.ts'

const packr = new Packr({ useRecords: false, useBigIntExtension: true })

/** The bytes that a state takes in a stored cell. */
export function encodedStateBytes(state: State): number {
  return packr.pack(state).length
}
