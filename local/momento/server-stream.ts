import type { Server, ServerWritableStream } from '@grpc/grpc-js'
import { asRpcError } from './unary.ts'
import type { UnaryCall, UnaryDefinition } from './unary.ts'

/**
 * Serves one method that answers with a stream: every call with the messages that `answer` returns, in their order and as
 * fast as the caller takes them, or, without any message, with the status it throws, as `serveUnary` does.
 */
export function serveServerStream<Request, Response>(
  server: Server,
  definition: UnaryDefinition<Request, Response>,
  answer: (call: UnaryCall<Request>) => Promise<readonly Response[]>,
): void {
  const handle = (call: ServerWritableStream<Request, Response>): void => {
    answer(call).then(
      (responses) => sendAll(call, responses.values()),
      (error: unknown) => call.emit('error', asRpcError(error)),
    )
  }
  const { path, responseSerialize, requestDeserialize } = definition
  server.register(path, handle, responseSerialize, requestDeserialize, 'serverStream')
}

function sendAll<Response>(
  call: ServerWritableStream<unknown, Response>,
  responses: Iterator<Response>,
): void {
  for (;;) {
    const next = responses.next()
    if (next.done === true) return void call.end()
    if (!call.write(next.value)) return void call.once('drain', () => sendAll(call, responses))
  }
}
