import { cache } from '@gomomento/generated-types'
import { dataMethod } from './data-plane.ts'
import type { DataMethod } from './data-plane.ts'
import { invalidRequest } from './rpc-error.ts'
import type { ItemKind, TtlUpdate } from './storage.ts'

const scs = cache.cache_client
const { definition } = scs.UnimplementedScsService
const { ItemType } = scs._ItemGetTypeResponse

const keys = (request: { readonly cache_key: Uint8Array }): Uint8Array[] => [request.cache_key]

const itemTypes: Readonly<Record<ItemKind, cache.cache_client._ItemGetTypeResponse.ItemType>> = {
  scalar: ItemType.SCALAR,
  dictionary: ItemType.DICTIONARY,
  set: ItemType.SET,
  list: ItemType.LIST,
  sortedSet: ItemType.SORTED_SET,
}

/** What concerns items of any kind: KeysExist, UpdateTtl, ItemGetTtl and ItemGetType. */
export const timeToLiveMethods: readonly DataMethod[] = [
  dataMethod(definition.KeysExist, {
    kind: 'read',
    keys: ({ cache_keys }) => cache_keys,
    apply: ({ cache_keys }, items) =>
      new scs._KeysExistResponse({
        exists: cache_keys.map((cache_key) => items.kindOf(cache_key) !== undefined),
      }),
  }),

  dataMethod(definition.UpdateTtl, {
    kind: 'write',
    keys,
    apply: (request, items) => {
      const { _Set, _NotSet, _Missing } = scs._UpdateTtlResponse
      const { ttlMs, update } = ttlUpdate(request)
      const outcome = items.updateTtl(request.cache_key, ttlMs, update)
      if (outcome === 'missing') return new scs._UpdateTtlResponse({ missing: new _Missing() })
      if (outcome === 'notSet') return new scs._UpdateTtlResponse({ not_set: new _NotSet() })
      return new scs._UpdateTtlResponse({ set: new _Set() })
    },
  }),

  dataMethod(definition.ItemGetTtl, {
    kind: 'read',
    keys,
    apply: ({ cache_key }, items) => {
      const { _Found, _Missing } = scs._ItemGetTtlResponse
      const remainingTtlMs = items.remainingTtlMs(cache_key)
      if (remainingTtlMs === undefined) return new scs._ItemGetTtlResponse({ missing: new _Missing() })
      const found = new _Found({ remaining_ttl_millis: Math.floor(remainingTtlMs) })
      return new scs._ItemGetTtlResponse({ found })
    },
  }),

  dataMethod(definition.ItemGetType, {
    kind: 'read',
    keys,
    apply: ({ cache_key }, items) => {
      const { _Found, _Missing } = scs._ItemGetTypeResponse
      const kind = items.kindOf(cache_key)
      if (kind === undefined) return new scs._ItemGetTypeResponse({ missing: new _Missing() })
      return new scs._ItemGetTypeResponse({ found: new _Found({ item_type: itemTypes[kind] }) })
    },
  }),
]

function ttlUpdate(request: cache.cache_client._UpdateTtlRequest): { ttlMs: number; update: TtlUpdate } {
  switch (request.update_ttl) {
    case 'increase_to_milliseconds':
      return { ttlMs: request.increase_to_milliseconds, update: 'increase' }
    case 'decrease_to_milliseconds':
      return { ttlMs: request.decrease_to_milliseconds, update: 'decrease' }
    case 'overwrite_to_milliseconds':
      return { ttlMs: request.overwrite_to_milliseconds, update: 'overwrite' }
    default:
      throw invalidRequest('the request has no time to live')
  }
}
