import { randomBytes } from 'node:crypto'
import {
  type CacheClient,
  CacheGetWithHash,
  CacheSetIfAbsentOrHashEqual,
  CacheSetIfPresentAndHashEqual,
} from '@gomomento/sdk'
import { StoreError } from '../engine/errors.ts'
import type { CellStore, ReadConsistency, StoredBytes } from '../engine/ports.ts'
import type { MomentoClients } from './momento-clients.ts'

/** The deadline that the SDK's configuration for Lambda gives every call. */
export const momentoRequestTimeoutMs = 1_100
/** As long as Momento's hashes, so that the server takes it for one. */
const noHashBytes = 32

/**
 * The cell store on a Momento cache. `signal` aborts every request of one invocation: none may surface in a later one.
 */
export function momentoCellStore(
  clients: MomentoClients,
  cacheName: string,
  signal?: AbortSignal,
): CellStore {
  const options = signal === undefined ? {} : { abortSignal: signal }
  const call = async <T>(
    consistency: ReadConsistency,
    request: (client: CacheClient) => Promise<T>,
  ): Promise<T> => {
    try {
      return await request(await clients.get(consistency))
    } catch (error) {
      throw error instanceof StoreError
        ? error
        : new StoreError('Momento could not be called', { cause: error })
    }
  }
  return {
    requestTimeoutMs: momentoRequestTimeoutMs,

    async read(address, consistency): Promise<StoredBytes | undefined> {
      const response = await call(consistency, (client) => client.getWithHash(cacheName, address, options))
      if (response instanceof CacheGetWithHash.Hit) {
        return { bytes: response.valueUint8Array(), hash: response.hashUint8Array() }
      }
      if (response instanceof CacheGetWithHash.Miss) return undefined
      throw failure('read', response)
    },

    async createIfAbsent(address, bytes, ttlSeconds): Promise<Uint8Array | undefined> {
      // setIfAbsent answers no hash. "Absent or equal" to a hash that no value has stores in the same cases, and does.
      const response = await call('balanced', (client) =>
        client.setIfAbsentOrHashEqual(cacheName, address, bytes, randomBytes(noHashBytes), {
          ...options,
          ttl: ttlSeconds,
        }),
      )
      if (response instanceof CacheSetIfAbsentOrHashEqual.Stored) return response.hashUint8Array()
      if (response instanceof CacheSetIfAbsentOrHashEqual.NotStored) return undefined
      throw failure('create', response)
    },

    async replaceIfEqual(address, bytes, hash, ttlSeconds): Promise<Uint8Array | undefined> {
      const response = await call('balanced', (client) =>
        client.setIfPresentAndHashEqual(cacheName, address, bytes, hash, { ...options, ttl: ttlSeconds }),
      )
      if (response instanceof CacheSetIfPresentAndHashEqual.Stored) return response.hashUint8Array()
      if (response instanceof CacheSetIfPresentAndHashEqual.NotStored) return undefined
      throw failure('swap', response)
    },
  }
}

function failure(request: string, response: { errorCode?: () => string }): StoreError {
  return new StoreError(`Momento refused a ${request}: ${response.errorCode?.() ?? 'unknown answer'}`)
}
