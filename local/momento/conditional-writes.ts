import { cache } from '@gomomento/generated-types'
import { status } from '@grpc/grpc-js'
import { dataMethod } from './data-plane.ts'
import type { DataMethod } from './data-plane.ts'
import { RpcError } from './rpc-error.ts'
import { hashOfValue } from './storage.ts'
import type { WriteCondition } from './storage.ts'

const scs = cache.cache_client
const { definition } = scs.UnimplementedScsService

const key = (request: { readonly cache_key: Uint8Array }): Uint8Array => request.cache_key

/**
 * SetIf and SetIfHash. A stored write takes the time to live of its call; SetIfHash answers with the new hash, and is
 * what the SDK sends for `setWithHash` too, without a condition.
 */
export const conditionalWriteMethods: readonly DataMethod[] = [
  dataMethod(definition.SetIf, {
    kind: 'write',
    key,
    apply: (request, items) => {
      const { cache_key, cache_body, ttl_milliseconds } = request
      const { _Stored, _NotStored } = scs._SetIfResponse
      if (items.writeIf(cache_key, cache_body, ttl_milliseconds, valueCondition(request))) {
        return new scs._SetIfResponse({ stored: new _Stored() })
      }
      return new scs._SetIfResponse({ not_stored: new _NotStored() })
    },
    valueInBytes: (request) => request.cache_body.byteLength,
  }),

  dataMethod(definition.SetIfHash, {
    kind: 'write',
    key,
    apply: (request, items) => {
      const { cache_key, cache_body, ttl_milliseconds } = request
      const { _Stored, _NotStored } = scs._SetIfHashResponse
      if (items.writeIf(cache_key, cache_body, ttl_milliseconds, hashCondition(request))) {
        return new scs._SetIfHashResponse({ stored: new _Stored({ new_hash: hashOfValue(cache_body) }) })
      }
      return new scs._SetIfHashResponse({ not_stored: new _NotStored() })
    },
    valueInBytes: (request) => request.cache_body.byteLength,
  }),
]

/** Holds for a live value that `equals` accepts. */
const present =
  (equals: (value: Uint8Array) => boolean): WriteCondition =>
  (current) =>
    current !== undefined && equals(current)

/** Holds for no live value, or one that `equals` accepts. */
const absentOr =
  (equals: (value: Uint8Array) => boolean): WriteCondition =>
  (current) =>
    current === undefined || equals(current)

function valueCondition(request: cache.cache_client._SetIfRequest): WriteCondition {
  switch (request.condition) {
    case 'absent':
      return (current) => current === undefined
    case 'present':
      return (current) => current !== undefined
    case 'equal':
      return present((value) => sameBytes(value, request.equal.value_to_check))
    case 'absent_or_equal':
      return absentOr((value) => sameBytes(value, request.absent_or_equal.value_to_check))
    case 'not_equal':
      return absentOr((value) => !sameBytes(value, request.not_equal.value_to_check))
    case 'present_and_not_equal':
      return present((value) => !sameBytes(value, request.present_and_not_equal.value_to_check))
    default:
      throw new RpcError(status.INVALID_ARGUMENT, 'the request has no condition')
  }
}

function hashCondition(request: cache.cache_client._SetIfHashRequest): WriteCondition {
  switch (request.condition) {
    case 'unconditional':
      return () => true
    case 'present_and_hash_equal':
      return present((value) => hasHash(value, request.present_and_hash_equal.hash_to_check))
    case 'absent_or_hash_equal':
      return absentOr((value) => hasHash(value, request.absent_or_hash_equal.hash_to_check))
    case 'present_and_not_hash_equal':
      return present((value) => !hasHash(value, request.present_and_not_hash_equal.hash_to_check))
    case 'absent_or_not_hash_equal':
      return absentOr((value) => !hasHash(value, request.absent_or_not_hash_equal.hash_to_check))
    default:
      throw new RpcError(status.INVALID_ARGUMENT, 'the request has no condition')
  }
}

function hasHash(value: Uint8Array, hash: Uint8Array): boolean {
  return sameBytes(hashOfValue(value), hash)
}

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0
}
