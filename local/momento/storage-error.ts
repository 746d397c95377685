import { elementLimitBytes, itemLimitBytes, ttlLimitMs } from './limits.ts'

/**
 * Why the items refuse a call: its arguments can never be right, the item is not of the kind or form that the call needs,
 * or a limit is passed.
 */
export type StorageErrorReason = 'invalidArgument' | 'failedPrecondition' | 'itemTooLarge' | 'elementTooLarge'

/** A call that the items refuse, which has changed nothing. */
export class StorageError extends Error {
  override readonly name = 'StorageError'
  readonly reason: StorageErrorReason

  constructor(reason: StorageErrorReason, message: string) {
    super(message)
    this.reason = reason
  }
}

/** Throws a StorageError unless an item of so many bytes, key included, may be stored. */
export function checkItemBytes(itemBytes: number): void {
  if (itemBytes <= itemLimitBytes) return
  const message = `item size limit exceeded: ${itemBytes} bytes, the limit is ${itemLimitBytes}`
  throw new StorageError('itemTooLarge', message)
}

/** Throws a StorageError unless a collection may hold each of the elements; else says how many bytes they are. */
export function checkElements(elements: readonly Uint8Array[]): number {
  let bytes = 0
  for (const { byteLength } of elements) {
    if (byteLength > elementLimitBytes) {
      const message = `element size limit exceeded: ${byteLength} bytes, the limit is ${elementLimitBytes}`
      throw new StorageError('elementTooLarge', message)
    }
    bytes += byteLength
  }
  return bytes
}

/** Throws a StorageError unless an item may be stored for so long. */
export function checkTtl(ttlMs: number): void {
  if (ttlMs > 0 && ttlMs <= ttlLimitMs) return
  throw new StorageError(
    'invalidArgument',
    `a time to live is above 0 and at most ${ttlLimitMs} ms, not ${ttlMs}`,
  )
}
