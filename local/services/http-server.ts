import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { RunningService } from './aws-json-server.ts'
import { collectBody } from './collect-body.ts'

const loopback = '127.0.0.1'

/** What {@link startHttpServer} needs. */
export interface HttpServerOptions {
  /** Default: any free port. */
  readonly port?: number
  readonly maximumBodyBytes: number
  /** Takes each request with its whole body, which is undefined if it is larger than allowed. */
  readonly onRequest: (request: IncomingMessage, body: Buffer | undefined, response: ServerResponse) => void
}

/** Serves HTTP/1.1 on 127.0.0.1. A body that is too large is read to its end, not kept. */
export async function startHttpServer({
  port = 0,
  maximumBodyBytes,
  onRequest,
}: HttpServerOptions): Promise<RunningService> {
  // Without a time-out for idle connections: a client must not meet a reset when it uses one again.
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    collectBody(request, maximumBodyBytes, (body) => onRequest(request, body, response))
  })
  server.listen(port, loopback)
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no TCP port')
  return {
    endpoint: `http://${loopback}:${address.port}`,
    port: address.port,
    close: async () => {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve())
      })
      server.closeAllConnections()
      await closed
    },
  }
}
