import { cache } from '@gomomento/generated-types'
import { dataMethod } from './data-plane.ts'
import type { DataMethod } from './data-plane.ts'
import { bytesOf } from './items/byte-name.ts'
import { checkScore, SortedSet } from './items/sorted-set.ts'
import { unionOf } from './items/sorted-set-union.ts'
import type { Aggregate } from './items/sorted-set-union.ts'
import { invalidRequest } from './rpc-error.ts'
import { countedScores, fetchedElements } from './sorted-set-range.ts'
import { bytesOfAll } from './value-bytes.ts'

const scs = cache.cache_client
const { definition } = scs.UnimplementedScsService
const { Hit, Miss } = scs.ECacheResult
const { AggregateFunction } = scs._SortedSetUnionStoreRequest

const keys = (request: { readonly set_name: Uint8Array }): Uint8Array[] => [request.set_name]

const aggregates: Readonly<
  Record<cache.cache_client._SortedSetUnionStoreRequest.AggregateFunction, Aggregate>
> = {
  [AggregateFunction.SUM]: 'sum',
  [AggregateFunction.MIN]: 'min',
  [AggregateFunction.MAX]: 'max',
}

/** SortedSetPut, Fetch, GetScore, Remove, Increment, GetRank, Length, LengthByScore and UnionStore. */
export const sortedSetMethods: readonly DataMethod[] = [
  dataMethod(definition.SortedSetPut, {
    kind: 'write',
    keys,
    apply: ({ set_name, elements: scored, ttl_milliseconds, refresh_ttl }, items) => {
      for (const { score } of scored) checkScore(score)
      const elements = scored.map(({ value }) => value)
      const growth = { ttlMs: ttl_milliseconds, refreshTtl: refresh_ttl, elements }
      items.grow(set_name, SortedSet, growth, (set) => {
        for (const { value, score } of scored) set.put(value, score)
      })
      return new scs._SortedSetPutResponse()
    },
    valueInBytes: ({ elements }) => bytesOfValues(elements),
  }),

  dataMethod(definition.SortedSetFetch, {
    kind: 'read',
    keys,
    apply: (request, items) => {
      const { _Found, _Missing } = scs._SortedSetFetchResponse
      const set = items.collection(request.set_name, SortedSet)
      if (set === undefined) return new scs._SortedSetFetchResponse({ missing: new _Missing() })
      const fetched = fetchedElements(set, request)
      if (!request.with_scores) {
        const values = new _Found._Values({ values: fetched.map(({ name }) => bytesOf(name)) })
        return new scs._SortedSetFetchResponse({ found: new _Found({ values }) })
      }
      const elements = fetched.map(
        ({ name, score }) => new scs._SortedSetElement({ value: bytesOf(name), score }),
      )
      const values_with_scores = new _Found._ValuesWithScores({ elements })
      return new scs._SortedSetFetchResponse({ found: new _Found({ values_with_scores }) })
    },
    valueOutBytes: ({ has_found, found }) => {
      if (!has_found) return 0
      return found.has_values
        ? bytesOfAll(found.values.values)
        : bytesOfValues(found.values_with_scores.elements)
    },
  }),

  dataMethod(definition.SortedSetGetScore, {
    kind: 'read',
    keys,
    apply: ({ set_name, values }, items) => {
      const { _SortedSetFound, _SortedSetMissing, _SortedSetGetScoreResponsePart } =
        scs._SortedSetGetScoreResponse
      const set = items.collection(set_name, SortedSet)
      if (set === undefined) return new scs._SortedSetGetScoreResponse({ missing: new _SortedSetMissing() })
      const elements = values.map((value) => {
        const score = set.score(value)
        return new _SortedSetGetScoreResponsePart(
          score === undefined ? { result: Miss } : { result: Hit, score },
        )
      })
      return new scs._SortedSetGetScoreResponse({ found: new _SortedSetFound({ elements }) })
    },
  }),

  dataMethod(definition.SortedSetRemove, {
    kind: 'write',
    keys,
    apply: ({ set_name, remove_elements, some }, items) => {
      if (remove_elements === 'none') throw invalidRequest('the request says neither some values nor all')
      items.shrink(set_name, SortedSet, (set) => {
        if (remove_elements === 'all') return set.clear()
        for (const value of some.values) set.delete(value)
      })
      return new scs._SortedSetRemoveResponse()
    },
  }),

  dataMethod(definition.SortedSetIncrement, {
    kind: 'write',
    keys,
    apply: ({ set_name, value, amount, ttl_milliseconds, refresh_ttl }, items) => {
      const growth = { ttlMs: ttl_milliseconds, refreshTtl: refresh_ttl, elements: [value] }
      const score = items.grow(set_name, SortedSet, growth, (set) => set.increment(value, amount))
      return new scs._SortedSetIncrementResponse({ score })
    },
    valueInBytes: ({ value }) => value.byteLength,
  }),

  dataMethod(definition.SortedSetGetRank, {
    kind: 'read',
    keys,
    apply: ({ set_name, value, order }, items) => {
      const { _RankResponsePart, _SortedSetMissing } = scs._SortedSetGetRankResponse
      const isDescending = order === scs._SortedSetGetRankRequest.Order.DESCENDING
      const set = items.collection(set_name, SortedSet)
      if (set === undefined) return new scs._SortedSetGetRankResponse({ missing: new _SortedSetMissing() })
      const rank = set.rank(value, isDescending ? 'descending' : 'ascending')
      const element_rank = new _RankResponsePart(
        rank === undefined ? { result: Miss } : { result: Hit, rank },
      )
      return new scs._SortedSetGetRankResponse({ element_rank })
    },
  }),

  dataMethod(definition.SortedSetLength, {
    kind: 'read',
    keys,
    apply: ({ set_name }, items) => {
      const { _Found, _Missing } = scs._SortedSetLengthResponse
      const length = items.collection(set_name, SortedSet)?.size
      if (length === undefined) return new scs._SortedSetLengthResponse({ missing: new _Missing() })
      return new scs._SortedSetLengthResponse({ found: new _Found({ length }) })
    },
  }),

  dataMethod(definition.SortedSetLengthByScore, {
    kind: 'read',
    keys,
    apply: (request, items) => {
      const { _Found, _Missing } = scs._SortedSetLengthByScoreResponse
      const length = items.collection(request.set_name, SortedSet)?.lengthByScore(countedScores(request))
      if (length === undefined) return new scs._SortedSetLengthByScoreResponse({ missing: new _Missing() })
      return new scs._SortedSetLengthByScoreResponse({ found: new _Found({ length }) })
    },
  }),

  dataMethod(definition.SortedSetUnionStore, {
    kind: 'write',
    keys,
    apply: ({ set_name, sources, aggregate, ttl_milliseconds }, items) => {
      const united = sources.map((source) => ({
        set: items.collection(source.set_name, SortedSet),
        weight: source.weight,
      }))
      const union = unionOf(united, aggregates[aggregate])
      items.replace(set_name, union, ttl_milliseconds)
      return new scs._SortedSetUnionStoreResponse({ length: union.size })
    },
  }),
]

function bytesOfValues(elements: readonly { readonly value: Uint8Array }[]): number {
  return elements.reduce((bytes, { value }) => bytes + value.byteLength, 0)
}
