import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { FaultSettings } from './faults.ts'
import { seededRandom } from './seeded-random.ts'
import type { MomentoServer } from './server.ts'

const loopback = '127.0.0.1'
const maximumBodyBytes = 1024 * 1024

/** The port by which another process looks at a Momento server, and lets things go wrong in it. */
export interface ControlPort {
  readonly port: number
  /** Ends every connection and frees the port. */
  close(): Promise<void>
}

interface Answer {
  readonly status: number
  readonly body: object
}

type Route = (body: string) => Answer | Promise<Answer>

/**
 * Serves, in JSON over HTTP on loopback: `GET /health`, `GET /counters`, `GET`, `PUT` and `DELETE /faults`, and
 * `POST /evict` with `{"cache", "key"}`, the key in base64. What is wrong with a request is in `errors`. `port`: 0 for any
 * free one; rejects when it is taken.
 */
export async function startControlPort(momento: MomentoServer, port: number): Promise<ControlPort> {
  const routes = routesOf(momento)
  const http = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    void reply(routes, request, response)
  })
  const boundPort = await listen(http, port)
  return {
    port: boundPort,
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve())
        http.closeAllConnections()
      }),
  }
}

function routesOf(momento: MomentoServer): Readonly<Record<string, Route>> {
  let faults: FaultSettings = {}
  return {
    'GET /health': () => ok({ isHealthy: true }),
    'GET /counters': () => ok(momento.counters()),
    'GET /faults': () => ok(faults),
    'PUT /faults': async (body) => {
      // Loaded when it is needed: it takes as long to load as the server to start.
      const { parseFaults } = await import('./fault-schema.ts')
      const parsed = parseFaults(jsonOf(body))
      if ('problems' in parsed) return wrong(400, parsed.problems)
      const { seed, ...settings } = parsed.value
      try {
        momento.setFaults(seed === undefined ? settings : { ...settings, random: seededRandom(seed) })
      } catch (error) {
        return wrong(400, [error instanceof Error ? error.message : String(error)])
      }
      faults = parsed.value
      return ok(faults)
    },
    'DELETE /faults': () => {
      momento.setFaults({})
      faults = {}
      return ok(faults)
    },
    'POST /evict': async (body) => {
      const { parseEviction } = await import('./fault-schema.ts')
      const parsed = parseEviction(jsonOf(body))
      if ('problems' in parsed) return wrong(400, parsed.problems)
      const { cache, key } = parsed.value
      const isEvicted = momento.evict(cache, key)
      return isEvicted === undefined ? wrong(404, [`no cache is named ${cache}`]) : ok({ isEvicted })
    },
  }
}

async function reply(
  routes: Readonly<Record<string, Route>>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { status, body } = await answer(routes, request)
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(`${JSON.stringify(body)}\n`)
}

async function answer(routes: Readonly<Record<string, Route>>, request: IncomingMessage): Promise<Answer> {
  const { method = '', url = '' } = request
  const route = Object.hasOwn(routes, `${method} ${url}`) ? routes[`${method} ${url}`] : undefined
  if (route === undefined) {
    return wrong(404, [`${method} ${url} is none of ${Object.keys(routes).join(', ')}`])
  }
  try {
    return await route(await bodyOf(request))
  } catch (error) {
    return wrong(400, [error instanceof Error ? error.message : String(error)])
  }
}

function ok(body: object): Answer {
  return { status: 200, body }
}

function wrong(status: number, errors: readonly string[]): Answer {
  return { status, body: { errors } }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength
    if (bytes <= maximumBodyBytes) chunks.push(chunk)
  }
  // Only once all of it was read, or the connection would carry no other request.
  if (bytes > maximumBodyBytes) throw new Error(`the body is over ${maximumBodyBytes} bytes`)
  return Buffer.concat(chunks).toString()
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch (error) {
    throw new Error('the body is no JSON', { cause: error })
  }
}

function listen(http: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    http.once('error', reject)
    http.listen({ host: loopback, port }, () => {
      http.off('error', reject)
      const address = http.address()
      if (address !== null && typeof address !== 'string') resolve(address.port)
      else reject(new Error('the control port has no number'))
    })
  })
}
