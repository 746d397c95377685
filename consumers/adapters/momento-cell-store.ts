import { randomBytes } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import {
  type CacheClient,
  CacheGetWithHash,
  CacheSetIfAbsentOrHashEqual,
  CacheSetIfPresentAndHashEqual,
  MomentoErrorCode,
} from '@gomomento/sdk'
import { StoreError } from '../engine/errors.ts'
import type { CellStore, ReadConsistency, StoredBytes } from '../engine/ports.ts'
import type { MomentoClients } from './momento-clients.ts'

/** The deadline that the SDK's configuration for Lambda gives every call. */
export const momentoRequestTimeoutMs = 1_100
/** As long as Momento's hashes, so that the server takes it for one. */
const noHashBytes = 32
const refusedCredentials: string = MomentoErrorCode.AUTHENTICATION_ERROR

/**
 * The cell store on a Momento cache. No request takes longer than 1.1 seconds, the wait for a client included. `signal`
 * aborts every request of one invocation: none may surface in a later one.
 */
export function momentoCellStore(
  clients: MomentoClients,
  cacheName: string,
  signal?: AbortSignal,
): CellStore {
  // Each request under way listens once, and no more are than the engine makes at once.
  if (signal !== undefined) setMaxListeners(0, signal)
  const call = async <T>(
    consistency: ReadConsistency,
    request: (client: CacheClient, abortSignal: AbortSignal) => Promise<T>,
  ): Promise<T> => {
    // Not AbortSignal.any and .timeout: what they leave behind made an invocation's end as expensive as its requests.
    const ended = new AbortController()
    const end = (): void => ended.abort(new Error('the request was ended'))
    const timeout = setTimeout(end, momentoRequestTimeoutMs)
    signal?.addEventListener('abort', end, { once: true })
    if (signal?.aborted === true) end()
    const answer = clients.call(consistency, (client) => {
      ended.signal.throwIfAborted()
      return request(client, ended.signal)
    })
    try {
      return await Promise.race([answer, abortOf(ended.signal)])
    } catch (error) {
      const code = ended.signal.aborted ? 'TIMEOUT_ERROR' : error instanceof Error ? error.name : 'unknown'
      throw new StoreError('Momento could not be called', { code, cause: error })
    } finally {
      clearTimeout(timeout)
      signal?.removeEventListener('abort', end)
    }
  }
  const failure = (request: string, response: { errorCode?: () => string }): StoreError => {
    const code = response.errorCode?.() ?? 'unknown'
    if (code === refusedCredentials) clients.renew()
    return new StoreError(`Momento refused a ${request}: ${code}`, { code })
  }

  return {
    requestTimeoutMs: momentoRequestTimeoutMs,

    async read(address, consistency): Promise<StoredBytes | undefined> {
      const response = await call(consistency, (client, abortSignal) =>
        client.getWithHash(cacheName, address, { abortSignal }),
      )
      if (response instanceof CacheGetWithHash.Hit) {
        return { bytes: response.valueUint8Array(), hash: response.hashUint8Array() }
      }
      if (response instanceof CacheGetWithHash.Miss) return undefined
      throw failure('read', response)
    },

    async createIfAbsent(address, bytes, ttlSeconds): Promise<Uint8Array | undefined> {
      // setIfAbsent answers no hash. "Absent or equal" to a hash that no value has stores in the same cases, and does.
      const noHash = randomBytes(noHashBytes)
      const response = await call('balanced', (client, abortSignal) =>
        client.setIfAbsentOrHashEqual(cacheName, address, bytes, noHash, { ttl: ttlSeconds, abortSignal }),
      )
      if (response instanceof CacheSetIfAbsentOrHashEqual.Stored) return response.hashUint8Array()
      if (response instanceof CacheSetIfAbsentOrHashEqual.NotStored) return undefined
      throw failure('create', response)
    },

    async replaceIfEqual(address, bytes, hash, ttlSeconds): Promise<Uint8Array | undefined> {
      const response = await call('balanced', (client, abortSignal) =>
        client.setIfPresentAndHashEqual(cacheName, address, bytes, hash, { ttl: ttlSeconds, abortSignal }),
      )
      if (response instanceof CacheSetIfPresentAndHashEqual.Stored) return response.hashUint8Array()
      if (response instanceof CacheSetIfPresentAndHashEqual.NotStored) return undefined
      throw failure('swap', response)
    },
  }
}

function abortOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const abort = (): void => reject(new Error('the request was ended'))
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  })
}
