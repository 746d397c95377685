import { ItemType } from '@gomomento/sdk'
import type { Mutant } from './mutant.ts'

/** A mutant of the server, and in which of the observations a client sees it. */
export interface ServerMutant extends Mutant {
  readonly seen: keyof typeof right
}

/** What a client sees of a server that is right, in the cases that are easy to get wrong. */
export const right = {
  setBatch: ['Success', 'UNKNOWN_ERROR', 'Success'],
  getBatch: ['3', 'Miss', '1'],
  large: 'Success',
  tooLarge: 'LIMIT_EXCEEDED_ERROR',
  element: 'Element size limit exceeded for this account',
  ttl: 'INVALID_ARGUMENT_ERROR',
  unknownCache: 'NOT_FOUND_ERROR',
  otherKind: 'FAILED_PRECONDITION_ERROR',
  type: ItemType.LIST,
  refused: 'SERVER_UNAVAILABLE',
}

/** Each breaks something of the server that is easy to get wrong. */
export const serverMutants: readonly ServerMutant[] = [
  {
    name: 'a batch of reads is answered in an order of its own',
    seen: 'getBatch',
    file: 'batches.ts',
    find: 'request.items.map(({ cache_key }) =>',
    replace: 'request.items.toReversed().map(({ cache_key }) =>',
  },
  {
    name: 'a batch of reads leaves out what is not there',
    seen: 'getBatch',
    file: 'server-stream.ts',
    find: 'if (next.done === true) return void call.end()',
    replace:
      "if (next.done === true) return void call.end()\n    if ('cache_body' in Object(next.value) && Object(next.value).result === 3) continue",
  },
  {
    name: 'one item that is refused ends the batch',
    seen: 'setBatch',
    file: 'batches.ts',
    find: 'if (error instanceof StorageError) return new message({ result: Invalid, message: error.message })',
    replace: '',
  },
  {
    name: 'a large value does not get in',
    seen: 'large',
    file: 'server.ts',
    find: "'grpc.max_receive_message_length': messageLimitBytes,",
    replace: '',
  },
  {
    name: 'an item may be of any size',
    seen: 'tooLarge',
    file: 'storage-error.ts',
    find: 'if (itemBytes <= itemLimitBytes) return',
    replace: 'return',
  },
  {
    name: 'an element may be of any size',
    seen: 'element',
    file: 'storage-error.ts',
    find: 'if (byteLength > elementLimitBytes)',
    replace: 'if (byteLength < 0)',
  },
  {
    name: 'a large element is said to be a large item',
    seen: 'element',
    file: 'storage-error.ts',
    find: '`element size limit exceeded: ',
    replace: '`item size limit exceeded: ',
  },
  {
    name: 'a time to live may be of any length',
    seen: 'ttl',
    file: 'storage-error.ts',
    find: 'ttlMs > 0 && ttlMs <= ttlLimitMs',
    replace: 'ttlMs > 0',
  },
  {
    name: 'a cache that does not exist is an argument that is wrong',
    seen: 'unknownCache',
    file: 'rpc-error.ts',
    find: 'new RpcError(status.NOT_FOUND, `no cache is named ${cache}`)',
    replace: 'new RpcError(status.INVALID_ARGUMENT, `no cache is named ${cache}`)',
  },
  {
    name: 'an item of another kind is an argument that is wrong',
    seen: 'otherKind',
    file: 'rpc-error.ts',
    find: 'failedPrecondition: { code: status.FAILED_PRECONDITION }',
    replace: 'failedPrecondition: { code: status.INVALID_ARGUMENT }',
  },
  {
    name: 'a list is called a set',
    seen: 'type',
    file: 'time-to-live.ts',
    find: 'list: ItemType.LIST',
    replace: 'list: ItemType.SET',
  },
  {
    name: 'faults do not reach the batches',
    seen: 'refused',
    file: 'call-gate.ts',
    find: 'if (faults === undefined) return pass()',
    replace: "if (faults === undefined || this.#method.name.endsWith('Batch')) return pass()",
  },
]
