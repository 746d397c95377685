import { status } from '@grpc/grpc-js'
import type { Metadata, Server } from '@grpc/grpc-js'
import type { CounterCells } from './counters.ts'
import type { MomentoFaults } from './faults.ts'
import type { ItemFaults } from './item-faults.ts'
import { cacheNotFound, refusedByStorage, RpcError } from './rpc-error.ts'
import { serveServerStream } from './server-stream.ts'
import type { CacheItems, Caches } from './storage.ts'
import { StorageError } from './storage-error.ts'
import { methodName, serveUnary } from './unary.ts'
import type { Answer, UnaryCall, UnaryDefinition } from './unary.ts'

/** What the data calls of one server share. */
export interface DataPlane {
  readonly caches: Caches
  readonly counters: CounterCells
  readonly itemFaults: ItemFaults
  /** Gives numbers in [0, 1). */
  readonly random: () => number
  /** The other ends of the connections that `consistentConnections` counts. */
  readonly consistentPeers: Set<string>
  /** What goes wrong now; `undefined` when nothing does. */
  faults: MomentoFaults | undefined
}

/** Whether a method changes items: what a key that may only read is refused. */
export type DataMethodKind = 'read' | 'write'

/** What a method does with a cache, and where its value's bytes are. */
export interface DataBehaviour<Request, Response> {
  readonly kind: DataMethodKind
  /** The keys of the items that a call is on. */
  readonly keys: (request: Request) => readonly Uint8Array[]
  /**
   * Reads or changes the items in one step; throws an RpcError or a StorageError for a failure, having changed nothing.
   * `random` gives numbers in [0, 1).
   */
  readonly apply: (request: Request, items: CacheItems, random: () => number) => Response
  /** Bytes of the values to store. Default 0. */
  readonly valueInBytes?: (request: Request) => number
  /** Bytes of the values in the answer. Default 0. */
  readonly valueOutBytes?: (response: Response) => number
}

/** A method of the data plane, ready to be served. */
export interface DataMethod {
  /** In the service definition: `Get`, `SetIfHash`, ... */
  readonly name: string
  readonly kind: DataMethodKind
  readonly serve: (server: Server, plane: DataPlane) => void
}

/** A method with one answer: what all have in common (the cache, what its items suffer) around its behaviour. */
export function dataMethod<Request, Response>(
  definition: UnaryDefinition<Request, Response>,
  behaviour: DataBehaviour<Request, Response>,
): DataMethod {
  const name = methodName(definition)
  return {
    name,
    kind: behaviour.kind,
    serve: (server, plane) =>
      serveUnary(server, definition, (call) => answerDataCall(name, behaviour, plane, call)),
  }
}

/** A method that answers with a stream of messages: one call like any other to the counters and the faults. */
export function dataStreamMethod<Request, Response>(
  definition: UnaryDefinition<Request, Response>,
  behaviour: DataBehaviour<Request, readonly Response[]>,
): DataMethod {
  const name = methodName(definition)
  return {
    name,
    kind: behaviour.kind,
    serve: (server, plane) =>
      serveServerStream(server, definition, (call) => answerDataCall(name, behaviour, plane, call)),
  }
}

function answerDataCall<Request, Response>(
  method: string,
  { kind, keys: keysOf, apply, valueInBytes, valueOutBytes }: DataBehaviour<Request, Response>,
  plane: DataPlane,
  call: UnaryCall<Request>,
): Answer<Response> {
  const { caches, counters, faults, itemFaults, random } = plane
  const { request, metadata } = call
  const keys = keysOf(request)
  const receivedBytes = valueInBytes?.(request) ?? 0
  counters.bytesIn += receivedBytes
  noteConsistentRead(plane, call)

  const cache = cacheOf(metadata)
  const items = caches.find(cache)
  if (items === undefined) throw cacheNotFound(cache)
  const response = refusing(() =>
    itemFaults.apply({ method, isRead: kind === 'read', metadata, items, keys }, () =>
      apply(request, items, random),
    ),
  )

  counters.bytesOut += valueOutBytes?.(response) ?? 0
  if (faults?.onApplied === undefined) return response
  const [key = new Uint8Array()] = keys
  return Promise.resolve(faults.onApplied({ method, cache, key })).then(() => response)
}

function refusing<Result>(step: () => Result): Result {
  try {
    return step()
  } catch (error) {
    throw error instanceof StorageError ? refusedByStorage(error) : error
  }
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
