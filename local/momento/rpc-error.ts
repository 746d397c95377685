import { Metadata, status } from '@grpc/grpc-js'

/** Bytes of an item, key and value together. Momento's service limits say 5 MB; 5,000,000 pass and 5,300,000 do not. */
export const itemLimitBytes = 5 * 1024 * 1024

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

/**
 * The failure of a write above `ITEM_LIMIT_BYTES`. The SDK picks its message by the words "item size" in the details,
 * or by the metadata `err`.
 */
export function itemTooLarge(itemBytes: number): RpcError {
  const metadata = new Metadata()
  metadata.set('err', 'item_size_limit_exceeded')
  const details = `item size limit exceeded: ${itemBytes} bytes, the limit is ${itemLimitBytes}`
  return new RpcError(status.RESOURCE_EXHAUSTED, details, metadata)
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
