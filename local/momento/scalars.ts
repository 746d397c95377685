import { cache } from '@gomomento/generated-types'
import { dataMethod } from './data-plane.ts'
import type { DataMethod } from './data-plane.ts'
import { int64Number } from './int64-number.ts'
import { storedHash } from './value-hash.ts'

const scs = cache.cache_client
const { definition } = scs.UnimplementedScsService
const { Hit, Miss, Ok } = scs.ECacheResult

const keys = (request: { readonly cache_key: Uint8Array }): Uint8Array[] => [request.cache_key]

/** Get, GetWithHash, Set, Delete and Increment. */
export const scalarMethods: readonly DataMethod[] = [
  dataMethod(definition.Get, {
    kind: 'read',
    keys,
    apply: ({ cache_key }, items) => {
      const cache_body = items.read(cache_key)
      return new scs._GetResponse(cache_body === undefined ? { result: Miss } : { result: Hit, cache_body })
    },
    valueOutBytes: (response) => response.cache_body.byteLength,
  }),

  dataMethod(definition.GetWithHash, {
    kind: 'read',
    keys,
    apply: ({ cache_key }, items) => {
      const { _Found, _Missing } = scs._GetWithHashResponse
      const stored = items.readStored(cache_key)
      if (stored === undefined) return new scs._GetWithHashResponse({ missing: new _Missing() })
      const found = new _Found({ value: stored.content, hash: storedHash(stored) })
      return new scs._GetWithHashResponse({ found })
    },
    valueOutBytes: (response) => (response.has_found ? response.found.value.byteLength : 0),
  }),

  dataMethod(definition.Set, {
    kind: 'write',
    keys,
    apply: ({ cache_key, cache_body, ttl_milliseconds }, items) => {
      items.write(cache_key, cache_body, ttl_milliseconds)
      return new scs._SetResponse({ result: Ok })
    },
    valueInBytes: (request) => request.cache_body.byteLength,
  }),

  dataMethod(definition.Delete, {
    kind: 'write',
    keys,
    apply: ({ cache_key }, items) => {
      items.delete(cache_key)
      return new scs._DeleteResponse()
    },
  }),

  dataMethod(definition.Increment, {
    kind: 'write',
    keys,
    apply: ({ cache_key, amount, ttl_milliseconds }, items) => {
      const sum = items.increment(cache_key, amount, ttl_milliseconds)
      return new scs._IncrementResponse({ value: int64Number(sum) })
    },
  }),
]
