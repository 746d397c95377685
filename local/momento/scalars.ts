import { cache } from '@gomomento/generated-types'
import { status } from '@grpc/grpc-js'
import { dataMethod } from './data-plane.ts'
import type { DataMethod } from './data-plane.ts'
import { RpcError } from './rpc-error.ts'
import { hashOfValue } from './storage.ts'

const scs = cache.cache_client
const { definition } = scs.UnimplementedScsService

const int64Max = 2n ** 63n - 1n
const int64Min = -(2n ** 63n)
/** The generated messages hold an int64 as a number: the nearest one that still is an int64. */
const largestInt64Number = 2 ** 63 - 1024
const integerForm = /^-?\d+$/

const key = (request: { readonly cache_key: Uint8Array }): Uint8Array => request.cache_key

/** Get, Set, Delete, GetWithHash, Increment and ItemGetTtl. */
export const scalarMethods: readonly DataMethod[] = [
  dataMethod(definition.Get, {
    kind: 'read',
    key,
    apply: ({ cache_key }, items) => {
      const item = items.read(cache_key)
      if (item === undefined) return new scs._GetResponse({ result: scs.ECacheResult.Miss })
      return new scs._GetResponse({ result: scs.ECacheResult.Hit, cache_body: item.value })
    },
    valueOutBytes: (response) => response.cache_body.byteLength,
  }),

  dataMethod(definition.Set, {
    kind: 'write',
    key,
    apply: ({ cache_key, cache_body, ttl_milliseconds }, items) => {
      items.write(cache_key, cache_body, ttl_milliseconds)
      return new scs._SetResponse({ result: scs.ECacheResult.Ok })
    },
    valueInBytes: (request) => request.cache_body.byteLength,
  }),

  dataMethod(definition.Delete, {
    kind: 'write',
    key,
    apply: ({ cache_key }, items) => {
      items.delete(cache_key)
      return new scs._DeleteResponse()
    },
  }),

  dataMethod(definition.GetWithHash, {
    kind: 'read',
    key,
    apply: ({ cache_key }, items) => {
      const { _Found, _Missing } = scs._GetWithHashResponse
      const item = items.read(cache_key)
      if (item === undefined) return new scs._GetWithHashResponse({ missing: new _Missing() })
      const found = new _Found({ value: item.value, hash: hashOfValue(item.value) })
      return new scs._GetWithHashResponse({ found })
    },
    valueOutBytes: (response) => (response.has_found ? response.found.value.byteLength : 0),
  }),

  dataMethod(definition.Increment, {
    kind: 'write',
    key,
    apply: ({ cache_key, amount, ttl_milliseconds }, items) => {
      const sum = integerOf(items.read(cache_key)?.value) + BigInt(amount)
      if (sum > int64Max || sum < int64Min) {
        throw new RpcError(status.FAILED_PRECONDITION, 'the sum is not a 64-bit integer')
      }
      items.write(cache_key, Buffer.from(sum.toString()), ttl_milliseconds)
      return new scs._IncrementResponse({ value: Math.min(Number(sum), largestInt64Number) })
    },
  }),

  dataMethod(definition.ItemGetTtl, {
    kind: 'read',
    key,
    apply: ({ cache_key }, items) => {
      const { _Found, _Missing } = scs._ItemGetTtlResponse
      const item = items.read(cache_key)
      if (item === undefined) return new scs._ItemGetTtlResponse({ missing: new _Missing() })
      const found = new _Found({ remaining_ttl_millis: Math.floor(item.remainingTtlMs) })
      return new scs._ItemGetTtlResponse({ found })
    },
  }),
]

/** The integer that a stored text is, 0 for no item. */
function integerOf(value: Uint8Array | undefined): bigint {
  if (value === undefined) return 0n
  const text = Buffer.from(value).toString()
  if (integerForm.test(text)) return BigInt(text)
  throw new RpcError(status.FAILED_PRECONDITION, 'the item is not an integer')
}
