import { cache } from '@gomomento/generated-types'
import { dataMethod } from './data-plane.ts'
import type { DataMethod } from './data-plane.ts'
import { invalidRequest } from './rpc-error.ts'
import {
  absent,
  absentOrEqual,
  absentOrNotEqual,
  present,
  presentAndEqual,
  presentAndNotEqual,
  sameAs,
  withHash,
} from './write-conditions.ts'
import { storedHash } from './value-hash.ts'
import type { WriteCondition } from './write-conditions.ts'

const scs = cache.cache_client
const { definition } = scs.UnimplementedScsService

const keys = (request: { readonly cache_key: Uint8Array }): Uint8Array[] => [request.cache_key]

/**
 * SetIf, SetIfHash and SetIfNotExists, which is an older form of SetIf. A stored write takes the time to live of its call.
 * SetIfHash answers with the new hash, and is what the SDK sends for `setWithHash` too, without a condition.
 */
export const conditionalWriteMethods: readonly DataMethod[] = [
  dataMethod(definition.SetIf, {
    kind: 'write',
    keys,
    apply: (request, items) => {
      const { cache_key, cache_body, ttl_milliseconds } = request
      const { _Stored, _NotStored } = scs._SetIfResponse
      if (items.writeIf(cache_key, cache_body, ttl_milliseconds, valueCondition(request)) !== undefined) {
        return new scs._SetIfResponse({ stored: new _Stored() })
      }
      return new scs._SetIfResponse({ not_stored: new _NotStored() })
    },
    valueInBytes: (request) => request.cache_body.byteLength,
  }),

  dataMethod(definition.SetIfHash, {
    kind: 'write',
    keys,
    apply: (request, items) => {
      const { cache_key, cache_body, ttl_milliseconds } = request
      const { _Stored, _NotStored } = scs._SetIfHashResponse
      const stored =
        request.condition === 'unconditional'
          ? items.write(cache_key, cache_body, ttl_milliseconds)
          : items.writeIf(cache_key, cache_body, ttl_milliseconds, hashCondition(request))
      if (stored === undefined) return new scs._SetIfHashResponse({ not_stored: new _NotStored() })
      return new scs._SetIfHashResponse({ stored: new _Stored({ new_hash: storedHash(stored) }) })
    },
    valueInBytes: (request) => request.cache_body.byteLength,
  }),

  dataMethod(definition.SetIfNotExists, {
    kind: 'write',
    keys,
    apply: ({ cache_key, cache_body, ttl_milliseconds }, items) => {
      const { _Stored, _NotStored } = scs._SetIfNotExistsResponse
      if (items.writeIf(cache_key, cache_body, ttl_milliseconds, absent) !== undefined) {
        return new scs._SetIfNotExistsResponse({ stored: new _Stored() })
      }
      return new scs._SetIfNotExistsResponse({ not_stored: new _NotStored() })
    },
    valueInBytes: (request) => request.cache_body.byteLength,
  }),
]

function valueCondition(request: cache.cache_client._SetIfRequest): WriteCondition {
  switch (request.condition) {
    case 'absent':
      return absent
    case 'present':
      return present
    case 'equal':
      return presentAndEqual(sameAs(request.equal.value_to_check))
    case 'absent_or_equal':
      return absentOrEqual(sameAs(request.absent_or_equal.value_to_check))
    case 'not_equal':
      return absentOrNotEqual(sameAs(request.not_equal.value_to_check))
    case 'present_and_not_equal':
      return presentAndNotEqual(sameAs(request.present_and_not_equal.value_to_check))
    default:
      throw invalidRequest('the request has no condition')
  }
}

function hashCondition(request: cache.cache_client._SetIfHashRequest): WriteCondition {
  switch (request.condition) {
    case 'present_and_hash_equal':
      return presentAndEqual(withHash(request.present_and_hash_equal.hash_to_check))
    case 'absent_or_hash_equal':
      return absentOrEqual(withHash(request.absent_or_hash_equal.hash_to_check))
    case 'present_and_not_hash_equal':
      return presentAndNotEqual(withHash(request.present_and_not_hash_equal.hash_to_check))
    case 'absent_or_not_hash_equal':
      return absentOrNotEqual(withHash(request.absent_or_not_hash_equal.hash_to_check))
    default:
      throw invalidRequest('the request has no condition')
  }
}
