import { StorageError } from '../storage-error.ts'

const int64Max = 2n ** 63n - 1n
const int64Min = -(2n ** 63n)
/** At most the digits of 64 bits: to read millions of them takes seconds. */
const integerForm = /^-?\d{1,19}$/

/**
 * The sum of the integer that a stored text is, 0 where there is none, and `amount`. Throws a StorageError for a text that
 * is no 64-bit integer, and for a sum that does not fit 64 bits.
 */
export function addToInteger(stored: Uint8Array | undefined, amount: number): bigint {
  const sum = integerOf(stored) + BigInt(amount)
  if (isInt64(sum)) return sum
  throw new StorageError('failedPrecondition', 'the sum is not a 64-bit integer')
}

/** How an integer is stored: its decimal digits. */
export function integerText(integer: bigint): Uint8Array {
  return new TextEncoder().encode(integer.toString())
}

function integerOf(stored: Uint8Array | undefined): bigint {
  if (stored === undefined) return 0n
  const text = Buffer.from(stored).toString('latin1')
  if (integerForm.test(text) && isInt64(BigInt(text))) return BigInt(text)
  throw new StorageError('failedPrecondition', 'the item is not an integer')
}

function isInt64(integer: bigint): boolean {
  return integer <= int64Max && integer >= int64Min
}
