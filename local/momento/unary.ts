import { status } from '@grpc/grpc-js'
import type { Metadata, sendUnaryData, Server, ServerUnaryCall } from '@grpc/grpc-js'
import { RpcError } from './rpc-error.ts'

/** What the server needs of a method in a generated service definition. */
export interface UnaryDefinition<Request, Response> {
  readonly path: string
  readonly requestDeserialize: (bytes: Buffer) => Request
  readonly responseSerialize: (response: Response) => Buffer
}

/** A received call: the message, the metadata it came with, and whose connection it came on. */
export interface UnaryCall<Request> {
  readonly request: Request
  readonly metadata: Metadata
  /** The connection's other end. */
  readonly getPeer: () => string
}

/** The method's own name: `Get` of `/cache_client.Scs/Get`. */
export function methodName(definition: { readonly path: string }): string {
  return definition.path.slice(definition.path.lastIndexOf('/') + 1)
}

/**
 * Serves one method: every call is answered once, with what `answer` returns, or with the status it throws. Anything
 * thrown but an `RpcError` is INTERNAL with the error's message.
 */
export function serveUnary<Request, Response>(
  server: Server,
  definition: UnaryDefinition<Request, Response>,
  answer: (call: UnaryCall<Request>) => Promise<Response>,
): void {
  const handle = (call: ServerUnaryCall<Request, Response>, send: sendUnaryData<Response>): void => {
    answer(call).then(
      (response) => send(null, response),
      (error: unknown) => send(asRpcError(error)),
    )
  }
  const { path, responseSerialize, requestDeserialize } = definition
  server.register(path, handle, responseSerialize, requestDeserialize, 'unary')
}

/** The status that a thrown error is answered with. */
export function asRpcError(error: unknown): RpcError {
  if (error instanceof RpcError) return error
  return new RpcError(status.INTERNAL, error instanceof Error ? error.message : String(error))
}
