import { cache } from '@gomomento/generated-types'
import { dataMethod } from './data-plane.ts'
import type { DataMethod } from './data-plane.ts'
import { bytesOf } from './items/byte-name.ts'
import { ElementSet } from './items/element-set.ts'
import { invalidRequest } from './rpc-error.ts'
import type { CacheItems } from './storage.ts'
import { bytesOfAll } from './value-bytes.ts'

const scs = cache.cache_client
const { definition } = scs.UnimplementedScsService

const keys = (request: { readonly set_name: Uint8Array }): Uint8Array[] => [request.set_name]

/** SetFetch, Sample, Union, Difference, Contains, Length and Pop. */
export const setMethods: readonly DataMethod[] = [
  dataMethod(definition.SetFetch, {
    kind: 'read',
    keys,
    apply: ({ set_name }, items) => {
      const { _Found, _Missing } = scs._SetFetchResponse
      const set = items.collection(set_name, ElementSet)
      if (set === undefined) return new scs._SetFetchResponse({ missing: new _Missing() })
      return new scs._SetFetchResponse({ found: new _Found({ elements: set.elements().map(bytesOf) }) })
    },
    valueOutBytes: ({ has_found, found }) => (has_found ? bytesOfAll(found.elements) : 0),
  }),

  dataMethod(definition.SetSample, {
    kind: 'read',
    keys,
    apply: ({ set_name, limit }, items, random) => {
      const { _Found, _Missing } = scs._SetSampleResponse
      const sample = items.collection(set_name, ElementSet)?.sample(limit, random)
      if (sample === undefined) return new scs._SetSampleResponse({ missing: new _Missing() })
      return new scs._SetSampleResponse({ found: new _Found({ elements: sample.map(bytesOf) }) })
    },
    valueOutBytes: ({ has_found, found }) => (has_found ? bytesOfAll(found.elements) : 0),
  }),

  dataMethod(definition.SetUnion, {
    kind: 'write',
    keys,
    apply: ({ set_name, elements, ttl_milliseconds, refresh_ttl }, items) => {
      const growth = { ttlMs: ttl_milliseconds, refreshTtl: refresh_ttl, elements }
      items.grow(set_name, ElementSet, growth, (set) => {
        for (const element of elements) set.add(element)
      })
      return new scs._SetUnionResponse()
    },
    valueInBytes: ({ elements }) => bytesOfAll(elements),
  }),

  dataMethod(definition.SetDifference, {
    kind: 'write',
    keys,
    apply: (request, items) => {
      const { _Found, _Missing } = scs._SetDifferenceResponse
      const isThere = subtract(request, items) !== undefined
      return new scs._SetDifferenceResponse(isThere ? { found: new _Found() } : { missing: new _Missing() })
    },
  }),

  dataMethod(definition.SetContains, {
    kind: 'read',
    keys,
    apply: ({ set_name, elements }, items) => {
      const { _Found, _Missing } = scs._SetContainsResponse
      const set = items.collection(set_name, ElementSet)
      if (set === undefined) return new scs._SetContainsResponse({ missing: new _Missing() })
      const contains = elements.map((element) => set.has(element))
      return new scs._SetContainsResponse({ found: new _Found({ contains }) })
    },
  }),

  dataMethod(definition.SetLength, {
    kind: 'read',
    keys,
    apply: ({ set_name }, items) => {
      const { _Found, _Missing } = scs._SetLengthResponse
      const length = items.collection(set_name, ElementSet)?.size
      if (length === undefined) return new scs._SetLengthResponse({ missing: new _Missing() })
      return new scs._SetLengthResponse({ found: new _Found({ length }) })
    },
  }),

  dataMethod(definition.SetPop, {
    kind: 'write',
    keys,
    apply: ({ set_name, count }, items, random) => {
      const { _Found, _Missing } = scs._SetPopResponse
      if (count === 0) throw invalidRequest('the number of elements to pop has to be above 0')
      const popped = items.shrink(set_name, ElementSet, (set) => set.pop(count, random))
      if (popped === undefined) return new scs._SetPopResponse({ missing: new _Missing() })
      return new scs._SetPopResponse({ found: new _Found({ elements: popped.map(bytesOf) }) })
    },
    valueOutBytes: ({ has_found, found }) => (has_found ? bytesOfAll(found.elements) : 0),
  }),
]

/** Gives `true`, or `undefined` where there is no set. */
function subtract(request: cache.cache_client._SetDifferenceRequest, items: CacheItems): true | undefined {
  const { set_name, difference, minuend, subtrahend } = request
  if (difference === 'minuend') {
    if (items.collection(set_name, ElementSet) === undefined) return undefined
    const growth = { ttlMs: 0, refreshTtl: false, elements: minuend.elements }
    items.grow(set_name, ElementSet, growth, (set) => set.subtractFrom(minuend.elements))
    return true
  }
  if (difference === 'none' || subtrahend.subtrahend_set === 'none') {
    throw invalidRequest('the request does not say what to subtract')
  }
  return items.shrink(set_name, ElementSet, (set) => {
    if (subtrahend.subtrahend_set === 'identity') set.clear()
    else for (const element of subtrahend.set.elements) set.delete(element)
    return true
  })
}
