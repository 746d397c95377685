import { status } from '@grpc/grpc-js'
import type { Metadata } from '@grpc/grpc-js'
import { isReadOnly } from './read-only-methods.ts'
import { RpcError } from './rpc-error.ts'

/** The keys that a server takes, which are read at each call, so that later changes show. */
export interface ApiKeys {
  /** Keys that may do everything. */
  readonly full: ReadonlySet<string>
  /** Keys that may call what changes nothing; anything else is PERMISSION_DENIED. */
  readonly readOnly: ReadonlySet<string>
}

/**
 * Why the key in a call's `authorization`, where the SDK puts it as it is, does not allow `method`; `undefined` when it
 * does.
 */
export function refusalOfKey(keys: ApiKeys, metadata: Metadata, method: string): RpcError | undefined {
  const [key] = metadata.get('authorization')
  if (typeof key === 'string') {
    if (keys.full.has(key)) return undefined
    if (keys.readOnly.has(key)) return isReadOnly(method) ? undefined : notPermitted(method)
  }
  return new RpcError(status.UNAUTHENTICATED, 'the API key is missing or not valid')
}

function notPermitted(method: string): RpcError {
  return new RpcError(status.PERMISSION_DENIED, `the API key is for reading only, and ${method} writes`)
}
