import { Packr } from 'msgpackr'
import type { State } from '../../../../consumers/engine/measures/measure.ts'

const packr = new Packr({ useRecords: false, useBigIntExtension: true })

/** A state as it is stored in a cell. */
export function encodedState(state: State): Buffer {
  return packr.pack(state)
}

/** The bytes that a state takes in a stored cell. */
export function encodedStateBytes(state: State): number {
  return encodedState(state).length
}

/** A state as it is read back from a cell. */
export function storedState(state: State): State {
  const stored: unknown = packr.unpack(encodedState(state))
  return stored as State
}
