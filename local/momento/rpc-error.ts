import { Metadata, status } from '@grpc/grpc-js'
import type { StorageError, StorageErrorReason } from './storage-error.ts'

/** A call's failure as gRPC carries it; `details` is the text a client sees. */
export class RpcError extends Error {
  override readonly name = 'RpcError'
  readonly code: status
  readonly details: string
  readonly metadata: Metadata

  constructor(code: status, details: string, metadata = new Metadata()) {
    super(details)
    this.code = code
    this.details = details
    this.metadata = metadata
  }
}

/** The failure of a call on a cache that does not exist. */
export function cacheNotFound(cache: string): RpcError {
  return new RpcError(status.NOT_FOUND, `no cache is named ${cache}`)
}

const storageFailures: Readonly<
  Record<StorageErrorReason, { readonly code: status; readonly err?: string }>
> = {
  invalidArgument: { code: status.INVALID_ARGUMENT },
  failedPrecondition: { code: status.FAILED_PRECONDITION },
  itemTooLarge: { code: status.RESOURCE_EXHAUSTED, err: 'item_size_limit_exceeded' },
  elementTooLarge: { code: status.RESOURCE_EXHAUSTED, err: 'element_size_limit_exceeded' },
}

/**
 * The failure of a call that the items refuse. For a limit, the SDK picks its message by the words "item size" or "element
 * size" in the details; the metadata `err` says the same.
 */
export function refusedByStorage({ reason, message }: StorageError): RpcError {
  const { code, err } = storageFailures[reason]
  const metadata = new Metadata()
  if (err !== undefined) metadata.set('err', err)
  return new RpcError(code, message, metadata)
}

/** The failure of a call whose message lacks what it has to say. */
export function invalidRequest(details: string): RpcError {
  return new RpcError(status.INVALID_ARGUMENT, details)
}

/**
 * The failure of a call over the cache's rate, which the SDK reports as LIMIT_EXCEEDED_ERROR and does not retry. It
 * picks its message by the word "operations" in the details.
 */
export function rateLimited(): RpcError {
  const metadata = new Metadata()
  metadata.set('err', 'operations_rate_limit_exceeded')
  return new RpcError(status.RESOURCE_EXHAUSTED, 'operations rate limit exceeded', metadata)
}

/** The failure of a call while more bytes have gone to and fro than the limit allows. Otherwise as `rateLimited`. */
export function throughputLimited(): RpcError {
  const metadata = new Metadata()
  metadata.set('err', 'throughput_rate_limit_exceeded')
  return new RpcError(status.RESOURCE_EXHAUSTED, 'throughput limit exceeded', metadata)
}
