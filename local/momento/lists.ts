import { cache } from '@gomomento/generated-types'
import { dataMethod } from './data-plane.ts'
import type { DataMethod } from './data-plane.ts'
import { ElementList } from './items/element-list.ts'
import { invalidRequest } from './rpc-error.ts'
import type { Growth } from './storage.ts'
import { bytesOfAll } from './value-bytes.ts'

const scs = cache.cache_client
const { definition } = scs.UnimplementedScsService

const keys = (request: { readonly list_name: Uint8Array }): Uint8Array[] => [request.list_name]

/** ListPushFront and Back, ConcatenateFront and Back, PopFront and Back, Erase, Remove, Retain, Fetch and Length. */
export const listMethods: readonly DataMethod[] = [
  dataMethod(definition.ListPushFront, {
    kind: 'write',
    keys,
    apply: (request, items) => {
      const growth = growthBy([request.value], request)
      const list_length = items.grow(request.list_name, ElementList, growth, (list) =>
        list.concatenateFront(growth.elements, request.truncate_back_to_size),
      )
      return new scs._ListPushFrontResponse({ list_length })
    },
    valueInBytes: ({ value }) => value.byteLength,
  }),

  dataMethod(definition.ListPushBack, {
    kind: 'write',
    keys,
    apply: (request, items) => {
      const growth = growthBy([request.value], request)
      const list_length = items.grow(request.list_name, ElementList, growth, (list) =>
        list.concatenateBack(growth.elements, request.truncate_front_to_size),
      )
      return new scs._ListPushBackResponse({ list_length })
    },
    valueInBytes: ({ value }) => value.byteLength,
  }),

  dataMethod(definition.ListConcatenateFront, {
    kind: 'write',
    keys,
    apply: (request, items) => {
      const growth = growthBy(request.values, request)
      const list_length = items.grow(request.list_name, ElementList, growth, (list) =>
        list.concatenateFront(growth.elements, request.truncate_back_to_size),
      )
      return new scs._ListConcatenateFrontResponse({ list_length })
    },
    valueInBytes: ({ values }) => bytesOfAll(values),
  }),

  dataMethod(definition.ListConcatenateBack, {
    kind: 'write',
    keys,
    apply: (request, items) => {
      const growth = growthBy(request.values, request)
      const list_length = items.grow(request.list_name, ElementList, growth, (list) =>
        list.concatenateBack(growth.elements, request.truncate_front_to_size),
      )
      return new scs._ListConcatenateBackResponse({ list_length })
    },
    valueInBytes: ({ values }) => bytesOfAll(values),
  }),

  dataMethod(definition.ListPopFront, {
    kind: 'write',
    keys,
    apply: ({ list_name }, items) => {
      const { _Found, _Missing } = scs._ListPopFrontResponse
      const popped = items.shrink(list_name, ElementList, (list) => ({
        front: list.popFront(),
        left: list.size,
      }))
      if (popped?.front === undefined) return new scs._ListPopFrontResponse({ missing: new _Missing() })
      const found = new _Found({ front: popped.front, list_length: popped.left })
      return new scs._ListPopFrontResponse({ found })
    },
    valueOutBytes: ({ has_found, found }) => (has_found ? found.front.byteLength : 0),
  }),

  dataMethod(definition.ListPopBack, {
    kind: 'write',
    keys,
    apply: ({ list_name }, items) => {
      const { _Found, _Missing } = scs._ListPopBackResponse
      const popped = items.shrink(list_name, ElementList, (list) => ({
        back: list.popBack(),
        left: list.size,
      }))
      if (popped?.back === undefined) return new scs._ListPopBackResponse({ missing: new _Missing() })
      const found = new _Found({ back: popped.back, list_length: popped.left })
      return new scs._ListPopBackResponse({ found })
    },
    valueOutBytes: ({ has_found, found }) => (has_found ? found.back.byteLength : 0),
  }),

  dataMethod(definition.ListErase, {
    kind: 'write',
    keys,
    apply: (request, items) => {
      const { _Found, _Missing } = scs._ListEraseResponse
      if (request.erase === 'none') throw invalidRequest('the request says neither some ranges nor all')
      const ranges =
        request.erase === 'all'
          ? [{ beginIndex: 0, count: Infinity }]
          : request.some.ranges.map(({ begin_index, count }) => ({ beginIndex: begin_index, count }))
      const list_length = items.shrink(request.list_name, ElementList, (list) => {
        list.erase(ranges)
        return list.size
      })
      if (list_length === undefined) return new scs._ListEraseResponse({ missing: new _Missing() })
      return new scs._ListEraseResponse({ found: new _Found({ list_length }) })
    },
  }),

  dataMethod(definition.ListRemove, {
    kind: 'write',
    keys,
    apply: (request, items) => {
      const { _Found, _Missing } = scs._ListRemoveResponse
      if (request.remove === 'none') throw invalidRequest('the request has no value to remove')
      const list_length = items.shrink(request.list_name, ElementList, (list) => {
        list.remove(request.all_elements_with_value)
        return list.size
      })
      if (list_length === undefined) return new scs._ListRemoveResponse({ missing: new _Missing() })
      return new scs._ListRemoveResponse({ found: new _Found({ list_length }) })
    },
  }),

  dataMethod(definition.ListRetain, {
    kind: 'write',
    keys,
    apply: (request, items) => {
      const { _Found, _Missing } = scs._ListRetainResponse
      const { list_name } = request
      if (items.collection(list_name, ElementList) === undefined) {
        return new scs._ListRetainResponse({ missing: new _Missing() })
      }
      const list_length = items.grow(list_name, ElementList, growthBy([], request), (list) => {
        list.retain(startOf(request), endOf(request))
        return list.size
      })
      return new scs._ListRetainResponse({ found: new _Found({ list_length }) })
    },
  }),

  dataMethod(definition.ListFetch, {
    kind: 'read',
    keys,
    apply: (request, items) => {
      const { _Found, _Missing } = scs._ListFetchResponse
      const list = items.collection(request.list_name, ElementList)
      if (list === undefined) return new scs._ListFetchResponse({ missing: new _Missing() })
      const values = list.slice(startOf(request), endOf(request))
      return new scs._ListFetchResponse({ found: new _Found({ values }) })
    },
    valueOutBytes: ({ has_found, found }) => (has_found ? bytesOfAll(found.values) : 0),
  }),

  dataMethod(definition.ListLength, {
    kind: 'read',
    keys,
    apply: ({ list_name }, items) => {
      const { _Found, _Missing } = scs._ListLengthResponse
      const length = items.collection(list_name, ElementList)?.size
      if (length === undefined) return new scs._ListLengthResponse({ missing: new _Missing() })
      return new scs._ListLengthResponse({ found: new _Found({ length }) })
    },
  }),
]

type Range = Pick<
  cache.cache_client._ListFetchRequest,
  'start_index' | 'inclusive_start' | 'end_index' | 'exclusive_end'
>

function startOf({ start_index, inclusive_start }: Range): number | undefined {
  return start_index === 'inclusive_start' ? inclusive_start : undefined
}

function endOf({ end_index, exclusive_end }: Range): number | undefined {
  return end_index === 'exclusive_end' ? exclusive_end : undefined
}

function growthBy(
  elements: readonly Uint8Array[],
  { ttl_milliseconds, refresh_ttl }: { readonly ttl_milliseconds: number; readonly refresh_ttl: boolean },
): Growth {
  return { ttlMs: ttl_milliseconds, refreshTtl: refresh_ttl, elements }
}
