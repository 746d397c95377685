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

/** What a method answers: at once where it can, which saves every call a turn of the event loop. */
export type Answer<Response> = Response | Promise<Response>

/**
 * Serves one method: every call is answered once, with what `answer` returns, or with the status it throws. Anything
 * thrown but an `RpcError` is INTERNAL with the error's message.
 */
export function serveUnary<Request, Response>(
  server: Server,
  definition: UnaryDefinition<Request, Response>,
  answer: (call: UnaryCall<Request>) => Answer<Response>,
): void {
  const handle = (call: ServerUnaryCall<Request, Response>, send: sendUnaryData<Response>): void =>
    settle(
      () => answer(call),
      (response) => send(null, response),
      (error) => send(error),
    )
  const { path, responseSerialize, requestDeserialize } = definition
  server.register(path, handle, responseSerialize, requestDeserialize, 'unary')
}

/** Calls one of the two once, at once where there is nothing to wait for. */
export function settle<Response>(
  answer: () => Answer<Response>,
  onAnswer: (response: Response) => void,
  onError: (error: RpcError) => void,
): void {
  let response: Answer<Response>
  try {
    response = answer()
  } catch (error) {
    return onError(asRpcError(error))
  }
  if (response instanceof Promise) response.then(onAnswer, (error: unknown) => onError(asRpcError(error)))
  else onAnswer(response)
}

function asRpcError(error: unknown): RpcError {
  if (error instanceof RpcError) return error
  return new RpcError(status.INTERNAL, error instanceof Error ? error.message : String(error))
}
