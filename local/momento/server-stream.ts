import type { Server, ServerWritableStream } from '@grpc/grpc-js'
import { settle } from './unary.ts'
import type { Answer, UnaryCall, UnaryDefinition } from './unary.ts'

/**
 * Serves one method that answers with a stream: every call with the messages that `answer` returns, in their order and as
 * fast as the caller takes them, or, without any message, with the status it throws, as `serveUnary` does.
 */
export function serveServerStream<Request, Response>(
  server: Server,
  definition: UnaryDefinition<Request, Response>,
  answer: (call: UnaryCall<Request>) => Answer<readonly Response[]>,
): void {
  const handle = (call: ServerWritableStream<Request, Response>): void =>
    settle(
      () => answer(call),
      (responses) => sendAll(call, responses.values()),
      (error) => void call.emit('error', error),
    )
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
