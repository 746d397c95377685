import { StoreError } from '../../../consumers/engine/errors.ts'
import type { CellStore, StoredBytes } from '../../../consumers/engine/ports.ts'

/** A request that is still not answered then has met more than the faults of a test. */
const maximumAttempts = 100

/**
 * A store whose requests have definite answers although those of the one below fail: as the engine does, it reads after
 * a failed write whether it was stored, and asks again. A balanced miss is looked at again too.
 */
export function insistentStore(store: CellStore): CellStore {
  const read = (address: string): Promise<StoredBytes | undefined> =>
    insisting(() => store.read(address, 'consistent'))
  const writing = (
    address: string,
    bytes: Uint8Array,
    write: () => Promise<Uint8Array | undefined>,
    isUndone: (found: StoredBytes | undefined) => boolean,
  ): Promise<Uint8Array | undefined> =>
    insisting(async () => {
      try {
        return await write()
      } catch (error) {
        const found = await read(address)
        if (isUndone(found)) throw error
        return found !== undefined && Buffer.compare(found.bytes, bytes) === 0 ? found.hash : undefined
      }
    })
  return {
    requestTimeoutMs: store.requestTimeoutMs,
    read: async (address, consistency) =>
      (await insisting(() => store.read(address, consistency))) ?? read(address),
    createIfAbsent: (address, bytes, ttlSeconds) =>
      writing(
        address,
        bytes,
        () => store.createIfAbsent(address, bytes, ttlSeconds),
        (found) => found === undefined,
      ),
    replaceIfEqual: (address, bytes, oldHash, ttlSeconds) =>
      writing(
        address,
        bytes,
        () => store.replaceIfEqual(address, bytes, oldHash, ttlSeconds),
        (found) => found !== undefined && Buffer.compare(found.hash, oldHash) === 0,
      ),
  }
}

async function insisting<T>(request: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await request()
    } catch (error) {
      if (!(error instanceof StoreError) || attempt === maximumAttempts) throw error
    }
  }
}
