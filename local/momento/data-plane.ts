import { status } from '@grpc/grpc-js'
import type { Metadata, Server } from '@grpc/grpc-js'
import type { CounterCells } from './counters.ts'
import type { MomentoFaults } from './faults.ts'
import type { ItemFaults } from './item-faults.ts'
import { cacheNotFound, itemLimitBytes, itemTooLarge, RpcError } from './rpc-error.ts'
import type { CacheItems, Caches } from './storage.ts'
import { methodName, serveUnary } from './unary.ts'
import type { UnaryCall, UnaryDefinition } from './unary.ts'

/** What the data calls of one server share. */
export interface DataPlane {
  readonly caches: Caches
  readonly counters: CounterCells
  readonly itemFaults: ItemFaults
  /** The other ends of the connections that `consistentConnections` counts. */
  readonly consistentPeers: Set<string>
  faults: MomentoFaults
}

/** What a method does with a cache, and where its value's bytes are. */
export interface DataBehaviour<Request, Response> {
  /** Reads or changes the items in one step; throws an RpcError for a failure, having changed nothing. */
  readonly apply: (request: Request, items: CacheItems) => Response
  /** Bytes of the value to store. Default 0. */
  readonly valueInBytes?: (request: Request) => number
  /** Bytes of the value in the answer. Default 0. */
  readonly valueOutBytes?: (response: Response) => number
}

/** A method of the data plane, ready to be served. */
export type DataMethod = (server: Server, plane: DataPlane) => void

/** A method on one item: what all have in common (the cache, limits, what its items suffer) around its behaviour. */
export function dataMethod<Request extends { readonly cache_key: Uint8Array }, Response>(
  definition: UnaryDefinition<Request, Response>,
  behaviour: DataBehaviour<Request, Response>,
): DataMethod {
  const method = methodName(definition)
  return (server, plane) =>
    serveUnary(server, definition, (call) => answerDataCall(method, behaviour, plane, call))
}

async function answerDataCall<Request extends { readonly cache_key: Uint8Array }, Response>(
  method: string,
  { apply, valueInBytes, valueOutBytes }: DataBehaviour<Request, Response>,
  plane: DataPlane,
  call: UnaryCall<Request>,
): Promise<Response> {
  const { caches, counters, faults, itemFaults } = plane
  const { request, metadata } = call
  const key = request.cache_key
  const receivedBytes = valueInBytes?.(request) ?? 0
  counters.bytesIn += receivedBytes
  noteConsistentRead(plane, call)

  const cache = cacheOf(metadata)
  const items = caches.find(cache)
  if (items === undefined) throw cacheNotFound(cache)
  const itemBytes = key.byteLength + receivedBytes
  if (itemBytes > itemLimitBytes) throw itemTooLarge(itemBytes)
  const response = itemFaults.apply({ method, metadata, items, keys: [key] }, () => apply(request, items))

  await faults.onApplied?.({ method, cache, key })
  counters.bytesOut += valueOutBytes?.(response) ?? 0
  return response
}

function noteConsistentRead({ consistentPeers, counters }: DataPlane, call: UnaryCall<unknown>): void {
  const [readConcern] = call.metadata.get('read-concern')
  if (readConcern !== 'consistent') return
  consistentPeers.add(call.getPeer())
  counters.consistentConnections = consistentPeers.size
}

function cacheOf(metadata: Metadata): string {
  const [cache] = metadata.get('cache')
  if (typeof cache === 'string' && cache !== '') return cache
  throw new RpcError(status.INVALID_ARGUMENT, 'the metadata names no cache')
}
