import { hash } from 'node:crypto'

const hashBytes = 16

/** A value as a cache holds it. */
export interface StoredValue {
  readonly content: Uint8Array
  /** Kept from when it is first asked for: most values never are. */
  hash?: Uint8Array
}

/** The hash that compare-and-set calls exchange: a function of the value alone, so A, B, A again is not seen. */
export function hashOfValue(value: Uint8Array): Uint8Array {
  return new Uint8Array(hash('sha256', value, 'buffer').subarray(0, hashBytes))
}

/** The hash of a stored value, which is computed once. */
export function storedHash(stored: StoredValue): Uint8Array {
  return (stored.hash ??= hashOfValue(stored.content))
}
