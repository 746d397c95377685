import { storedHash } from './value-hash.ts'
import type { StoredValue } from './value-hash.ts'

/** Decides on a conditional write from the live value, `undefined` when there is none. */
export type WriteCondition = (current: StoredValue | undefined) => boolean

/** Says whether a value is the one that a condition compares with. */
type Comparison = (value: StoredValue) => boolean

/** Holds for the same bytes. */
export function sameAs(bytes: Uint8Array): Comparison {
  return ({ content }) => Buffer.compare(content, bytes) === 0
}

/** Holds for bytes with that hash. */
export function withHash(hashToCheck: Uint8Array): Comparison {
  return (value) => Buffer.compare(storedHash(value), hashToCheck) === 0
}

/** Holds for no live value. */
export const absent: WriteCondition = (current) => current === undefined

/** Holds for any live value. */
export const present: WriteCondition = (current) => current !== undefined

/** Holds for a live value that is equal. */
export function presentAndEqual(equals: Comparison): WriteCondition {
  return (current) => current !== undefined && equals(current)
}

/** Holds for a live value that is not equal. */
export function presentAndNotEqual(equals: Comparison): WriteCondition {
  return (current) => current !== undefined && !equals(current)
}

/** Holds for no live value, or one that is equal. */
export function absentOrEqual(equals: Comparison): WriteCondition {
  return (current) => current === undefined || equals(current)
}

/** Holds for no live value, or one that is not equal. */
export function absentOrNotEqual(equals: Comparison): WriteCondition {
  return (current) => current === undefined || !equals(current)
}
