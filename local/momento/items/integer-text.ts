import { StorageError } from '../storage-error.ts'

const int64Max = 2n ** 63n - 1n
const int64Min = -(2n ** 63n)
const integerForm = /^-?\d+$/

/**
 * The sum of the integer that a stored text is, 0 where there is none, and `amount`. Throws a StorageError for a text that
 * is no integer, and for a sum that does not fit 64 bits.
 */
export function addToInteger(stored: Uint8Array | undefined, amount: number): bigint {
  const sum = integerOf(stored) + BigInt(amount)
  if (sum <= int64Max && sum >= int64Min) return sum
  throw new StorageError('failedPrecondition', 'the sum is not a 64-bit integer')
}

/** How an integer is stored: its decimal digits. */
export function integerText(integer: bigint): Uint8Array {
  return new TextEncoder().encode(integer.toString())
}

function integerOf(stored: Uint8Array | undefined): bigint {
  if (stored === undefined) return 0n
  const text = Buffer.from(stored).toString('latin1')
  if (integerForm.test(text)) return BigInt(text)
  throw new StorageError('failedPrecondition', 'the item is not an integer')
}
