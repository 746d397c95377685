import { cache } from '@gomomento/generated-types'
import { dataMethod } from './data-plane.ts'
import type { DataMethod } from './data-plane.ts'
import { int64Number } from './int64-number.ts'
import { bytesOf } from './items/byte-name.ts'
import { Dictionary } from './items/dictionary.ts'
import { invalidRequest } from './rpc-error.ts'

const scs = cache.cache_client
const { definition } = scs.UnimplementedScsService
const { Hit, Miss } = scs.ECacheResult

const keys = (request: { readonly dictionary_name: Uint8Array }): Uint8Array[] => [request.dictionary_name]

/** DictionaryGet, Fetch, Set, Increment, Delete and Length. */
export const dictionaryMethods: readonly DataMethod[] = [
  dataMethod(definition.DictionaryGet, {
    kind: 'read',
    keys,
    apply: ({ dictionary_name, fields }, items) => {
      const { _Found, _Missing, _DictionaryGetResponsePart } = scs._DictionaryGetResponse
      const dictionary = items.collection(dictionary_name, Dictionary)
      if (dictionary === undefined) return new scs._DictionaryGetResponse({ missing: new _Missing() })
      const parts = fields.map((field) => {
        const cache_body = dictionary.get(field)
        return new _DictionaryGetResponsePart(
          cache_body === undefined ? { result: Miss } : { result: Hit, cache_body },
        )
      })
      return new scs._DictionaryGetResponse({ found: new _Found({ items: parts }) })
    },
    valueOutBytes: ({ has_found, found }) =>
      has_found ? found.items.reduce((bytes, { cache_body }) => bytes + cache_body.byteLength, 0) : 0,
  }),

  dataMethod(definition.DictionaryFetch, {
    kind: 'read',
    keys,
    apply: ({ dictionary_name }, items) => {
      const { _Found, _Missing } = scs._DictionaryFetchResponse
      const dictionary = items.collection(dictionary_name, Dictionary)
      if (dictionary === undefined) return new scs._DictionaryFetchResponse({ missing: new _Missing() })
      const pairs = Array.from(
        dictionary.entries(),
        ([name, value]) => new scs._DictionaryFieldValuePair({ field: bytesOf(name), value }),
      )
      return new scs._DictionaryFetchResponse({ found: new _Found({ items: pairs }) })
    },
    valueOutBytes: ({ has_found, found }) => (has_found ? bytesOfPairs(found.items) : 0),
  }),

  dataMethod(definition.DictionarySet, {
    kind: 'write',
    keys,
    apply: ({ dictionary_name, items: pairs, ttl_milliseconds, refresh_ttl }, items) => {
      const elements = pairs.flatMap(({ field, value }) => [field, value])
      const growth = { ttlMs: ttl_milliseconds, refreshTtl: refresh_ttl, elements }
      items.grow(dictionary_name, Dictionary, growth, (dictionary) => {
        for (const { field, value } of pairs) dictionary.set(field, value)
      })
      return new scs._DictionarySetResponse()
    },
    valueInBytes: (request) => bytesOfPairs(request.items),
  }),

  dataMethod(definition.DictionaryIncrement, {
    kind: 'write',
    keys,
    apply: ({ dictionary_name, field, amount, ttl_milliseconds, refresh_ttl }, items) => {
      const growth = { ttlMs: ttl_milliseconds, refreshTtl: refresh_ttl, elements: [field] }
      const sum = items.grow(dictionary_name, Dictionary, growth, (dictionary) =>
        dictionary.increment(field, amount),
      )
      return new scs._DictionaryIncrementResponse({ value: int64Number(sum) })
    },
    valueInBytes: ({ field }) => field.byteLength,
  }),

  dataMethod(definition.DictionaryDelete, {
    kind: 'write',
    keys,
    apply: (request, items) => {
      if (request.delete === 'none') throw invalidRequest('the request says neither some fields nor all')
      const { dictionary_name, some } = request
      items.shrink(dictionary_name, Dictionary, (dictionary) => {
        if (request.delete === 'all') return dictionary.clear()
        for (const field of some.fields) dictionary.delete(field)
      })
      return new scs._DictionaryDeleteResponse()
    },
  }),

  dataMethod(definition.DictionaryLength, {
    kind: 'read',
    keys,
    apply: ({ dictionary_name }, items) => {
      const { _Found, _Missing } = scs._DictionaryLengthResponse
      const length = items.collection(dictionary_name, Dictionary)?.size
      if (length === undefined) return new scs._DictionaryLengthResponse({ missing: new _Missing() })
      return new scs._DictionaryLengthResponse({ found: new _Found({ length }) })
    },
  }),
]

function bytesOfPairs(pairs: readonly { readonly field: Uint8Array; readonly value: Uint8Array }[]): number {
  return pairs.reduce((bytes, { field, value }) => bytes + field.byteLength + value.byteLength, 0)
}
