import { cache } from '@gomomento/generated-types'
import { dataStreamMethod } from './data-plane.ts'
import type { DataMethod } from './data-plane.ts'
import { StorageError } from './storage-error.ts'

const scs = cache.cache_client
const { definition } = scs.UnimplementedScsService
const { Hit, Invalid, Miss, Ok } = scs.ECacheResult

interface Batch {
  readonly items: readonly { readonly cache_key: Uint8Array }[]
}

const keys = ({ items }: Batch): Uint8Array[] => items.map(({ cache_key }) => cache_key)

/** GetBatch and SetBatch: one message per item, in the order of the request; an item that is refused fails alone. */
export const batchMethods: readonly DataMethod[] = [
  dataStreamMethod(definition.GetBatch, {
    kind: 'read',
    keys,
    apply: (request, items) =>
      request.items.map(({ cache_key }) =>
        orInvalid(scs._GetResponse, () => {
          const cache_body = items.read(cache_key)
          return cache_body === undefined ? { result: Miss } : { result: Hit, cache_body }
        }),
      ),
    valueOutBytes: (responses) =>
      responses.reduce((bytes, { cache_body }) => bytes + cache_body.byteLength, 0),
  }),

  dataStreamMethod(definition.SetBatch, {
    kind: 'write',
    keys,
    apply: (request, items) =>
      request.items.map(({ cache_key, cache_body, ttl_milliseconds }) =>
        orInvalid(scs._SetResponse, () => {
          items.write(cache_key, cache_body, ttl_milliseconds)
          return { result: Ok }
        }),
      ),
    valueInBytes: (request) =>
      request.items.reduce((bytes, { cache_body }) => bytes + cache_body.byteLength, 0),
  }),
]

interface ItemResult {
  readonly result: cache.cache_client.ECacheResult
  readonly cache_body?: Uint8Array
  readonly message?: string
}

function orInvalid<Response>(
  message: new (result: ItemResult) => Response,
  step: () => ItemResult,
): Response {
  try {
    return new message(step())
  } catch (error) {
    if (error instanceof StorageError) return new message({ result: Invalid, message: error.message })
    throw error
  }
}
