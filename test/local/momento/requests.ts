import { cache } from '@gomomento/generated-types'
import { common } from '@gomomento/generated-types/dist/common.js'
import type { definition } from './raw-client.ts'

const scs = cache.cache_client
const { _Unbounded, Absent, PresentAndHashEqual } = common

/** The name of a method of the data plane. */
export type MethodName = keyof typeof definition

/** A valid request of every method on the item `name`, which fits an item of the method's kind. */
export function requestsOn(name: string): Record<MethodName, unknown> {
  const cache_key = Buffer.from(name)
  const cache_body = Buffer.from('1')
  const write = { cache_key, cache_body, ttl_milliseconds: 1000 }
  const collection = { ttl_milliseconds: 1000, refresh_ttl: true }
  const dictionary = { dictionary_name: cache_key, ...collection }
  const list = { list_name: cache_key, ...collection }
  const set = { set_name: cache_key, ...collection }
  const one = { value: cache_body, score: 1 }
  const unbounded = { unbounded_start: new _Unbounded(), unbounded_end: new _Unbounded() }
  const { _Subtrahend } = scs._SetDifferenceRequest
  const { _ByIndex } = scs._SortedSetFetchRequest
  const { _Source } = scs._SortedSetUnionStoreRequest
  return {
    Get: new scs._GetRequest({ cache_key }),
    GetWithHash: new scs._GetWithHashRequest({ cache_key }),
    GetBatch: new scs._GetBatchRequest({ items: [new scs._GetRequest({ cache_key })] }),
    Set: new scs._SetRequest(write),
    SetBatch: new scs._SetBatchRequest({ items: [new scs._SetRequest(write)] }),
    SetIf: new scs._SetIfRequest({ ...write, absent: new Absent() }),
    SetIfHash: new scs._SetIfHashRequest({ ...write, present_and_hash_equal: new PresentAndHashEqual() }),
    SetIfNotExists: new scs._SetIfNotExistsRequest(write),
    Delete: new scs._DeleteRequest({ cache_key }),
    KeysExist: new scs._KeysExistRequest({ cache_keys: [cache_key] }),
    Increment: new scs._IncrementRequest({ cache_key, amount: 1, ttl_milliseconds: 1000 }),
    UpdateTtl: new scs._UpdateTtlRequest({ cache_key, overwrite_to_milliseconds: 1000 }),
    ItemGetTtl: new scs._ItemGetTtlRequest({ cache_key }),
    ItemGetType: new scs._ItemGetTypeRequest({ cache_key }),
    DictionaryGet: new scs._DictionaryGetRequest({ ...dictionary, fields: [cache_body] }),
    DictionaryFetch: new scs._DictionaryFetchRequest(dictionary),
    DictionarySet: new scs._DictionarySetRequest({
      ...dictionary,
      items: [new scs._DictionaryFieldValuePair({ field: cache_body, value: cache_body })],
    }),
    DictionaryIncrement: new scs._DictionaryIncrementRequest({ ...dictionary, field: cache_body, amount: 1 }),
    DictionaryDelete: new scs._DictionaryDeleteRequest({
      ...dictionary,
      all: new scs._DictionaryDeleteRequest.All(),
    }),
    DictionaryLength: new scs._DictionaryLengthRequest(dictionary),
    SetFetch: new scs._SetFetchRequest(set),
    SetSample: new scs._SetSampleRequest({ ...set, limit: 1 }),
    SetUnion: new scs._SetUnionRequest({ ...set, elements: [cache_body] }),
    SetDifference: new scs._SetDifferenceRequest({
      ...set,
      subtrahend: new _Subtrahend({ identity: new _Subtrahend._Identity() }),
    }),
    SetContains: new scs._SetContainsRequest({ ...set, elements: [cache_body] }),
    SetLength: new scs._SetLengthRequest(set),
    SetPop: new scs._SetPopRequest({ ...set, count: 1 }),
    ListPushFront: new scs._ListPushFrontRequest({ ...list, value: cache_body }),
    ListPushBack: new scs._ListPushBackRequest({ ...list, value: cache_body }),
    ListPopFront: new scs._ListPopFrontRequest(list),
    ListPopBack: new scs._ListPopBackRequest(list),
    ListErase: new scs._ListEraseRequest({ ...list, all: new scs._ListEraseRequest._All() }),
    ListRemove: new scs._ListRemoveRequest({ ...list, all_elements_with_value: cache_body }),
    ListFetch: new scs._ListFetchRequest({ ...list, ...unbounded }),
    ListLength: new scs._ListLengthRequest(list),
    ListConcatenateFront: new scs._ListConcatenateFrontRequest({ ...list, values: [cache_body] }),
    ListConcatenateBack: new scs._ListConcatenateBackRequest({ ...list, values: [cache_body] }),
    ListRetain: new scs._ListRetainRequest({ ...list, ...unbounded }),
    SortedSetPut: new scs._SortedSetPutRequest({ ...set, elements: [new scs._SortedSetElement(one)] }),
    SortedSetFetch: new scs._SortedSetFetchRequest({ ...set, by_index: new _ByIndex(unbounded) }),
    SortedSetGetScore: new scs._SortedSetGetScoreRequest({ ...set, values: [cache_body] }),
    SortedSetRemove: new scs._SortedSetRemoveRequest({ ...set, all: new scs._SortedSetRemoveRequest._All() }),
    SortedSetIncrement: new scs._SortedSetIncrementRequest({ ...set, value: cache_body, amount: 1 }),
    SortedSetGetRank: new scs._SortedSetGetRankRequest({ ...set, value: cache_body }),
    SortedSetLength: new scs._SortedSetLengthRequest(set),
    SortedSetLengthByScore: new scs._SortedSetLengthByScoreRequest({
      ...set,
      unbounded_min: new _Unbounded(),
      unbounded_max: new _Unbounded(),
    }),
    SortedSetUnionStore: new scs._SortedSetUnionStoreRequest({
      ...set,
      sources: [new _Source({ set_name: cache_key, weight: 1 })],
    }),
  }
}
