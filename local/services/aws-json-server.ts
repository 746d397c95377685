import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingHttpHeaders } from 'node:http'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import type { Socket } from 'node:net'
import { createServer } from 'node:net'
import type { Readable } from 'node:stream'
import { collectBody } from './collect-body.ts'

const loopback = '127.0.0.1'
/** The largest PutRecords, 10 MiB of data and keys, is 14 MiB in base64; the rest is room for JSON's own characters. */
const maximumBodyBytes = 16 * 1024 * 1024
/** Lets a whole request body travel without waiting for HTTP/2 window updates. */
const http2WindowBytes = maximumBodyBytes
const http2Preface = Buffer.from('PRI')
const contentType = 'application/x-amz-json-1.1'

/**
 * An error that the server hands to the client in AWS's form, `{"__type": code, "message": message}`.
 *
 * `status` is the HTTP status: 400 by default; AWS's clients retry 500 and above.
 */
export class AwsServiceError extends Error {
  readonly code: string
  readonly status: number

  constructor(code: string, message: string, status = 400) {
    super(message)
    this.name = 'AwsServiceError'
    this.code = code
    this.status = status
  }
}

/** What a service does, by operation name: parsed JSON in, a JSON value out; refusals are thrown as {@link AwsServiceError}. */
export type AwsOperations = Readonly<Record<string, (input: unknown) => object>>

/** What {@link startAwsJsonServer} needs. */
export interface AwsJsonServerOptions {
  /** The part of `X-Amz-Target` before the dot, such as `Kinesis_20131202`. */
  readonly targetPrefix: string
  readonly operations: AwsOperations
  /** Default: any free port. */
  readonly port?: number
}

/** A running service on 127.0.0.1. */
export interface RunningService {
  /** Such as `http://127.0.0.1:40123`, without a slash at the end. */
  readonly endpoint: string
  readonly port: number
  /** Resolves when the port is free; connections still open are cut, a request under way gets no answer. */
  close(): Promise<void>
}

interface Answer {
  readonly status: number
  readonly body: string
}

interface Reply {
  writeHead(status: number, headers: Record<string, string | number>): unknown
  end(body: string): unknown
}

/**
 * Serves the AWS JSON 1.1 protocol on one loopback port, over HTTP/1.1 and over HTTP/2 without TLS.
 *
 * AWS's Kinesis client opens HTTP/2 with prior knowledge on `http://` endpoints, most others speak HTTP/1.1, so
 * the first bytes of a connection decide. An operation's unexpected error is answered as `InternalFailure`, 500.
 * The protocol: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
 */
export async function startAwsJsonServer(options: AwsJsonServerOptions): Promise<RunningService> {
  const onRequest = (request: Readable & { headers: IncomingHttpHeaders }, reply: Reply): void => {
    collectBody(request, maximumBodyBytes, (body) => {
      const { status, body: text } = answer(options, request.headers['x-amz-target'], body)
      reply.writeHead(status, {
        'content-type': contentType,
        'content-length': Buffer.byteLength(text),
        'x-amzn-requestid': randomUUID(),
      })
      reply.end(text)
    })
  }
  // Without a time-out for idle connections: a client must not meet a reset when it uses one again.
  const http = createHttpServer({ keepAliveTimeout: 0 }, onRequest)
  const http2 = createHttp2Server({ settings: { initialWindowSize: http2WindowBytes } }, onRequest)
  http2.on('session', (session) => session.setLocalWindowSize(http2WindowBytes))

  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    // A connection that breaks has nobody left to answer; the socket closes by itself.
    socket.on('error', () => socket.destroy())
    awaitFirstBytes(socket, Buffer.alloc(0), (first) => {
      if (first.equals(http2Preface)) {
        http2.emit('connection', socket)
      } else {
        http.emit('connection', socket)
        // HTTP/2 reads from a paused socket what was put back and takes over the rest; HTTP/1.1 listens.
        socket.resume()
      }
    })
  })
  server.listen(options.port ?? 0, loopback)
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
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

/** Calls `dispatch` with as many bytes as the preface mark has, all bytes seen being back in the paused socket. */
function awaitFirstBytes(socket: Socket, seen: Buffer, dispatch: (first: Buffer) => void): void {
  socket.once('data', (chunk: Buffer) => {
    const bytes = Buffer.concat([seen, chunk])
    if (bytes.length < http2Preface.length) {
      awaitFirstBytes(socket, bytes, dispatch)
      return
    }
    socket.pause()
    socket.unshift(bytes)
    dispatch(bytes.subarray(0, http2Preface.length))
  })
}

function answer(
  { targetPrefix, operations }: AwsJsonServerOptions,
  target: string | string[] | undefined,
  body: Buffer | undefined,
): Answer {
  try {
    const [prefix, name = ''] = String(target).split('.')
    const operation =
      prefix === targetPrefix && Object.hasOwn(operations, name) ? operations[name] : undefined
    if (operation === undefined) {
      throw new AwsServiceError(
        'UnknownOperationException',
        `The operation ${String(target)} is not supported here.`,
      )
    }
    if (body === undefined) {
      throw new AwsServiceError(
        'RequestEntityTooLargeException',
        `The body exceeds ${maximumBodyBytes} bytes.`,
        413,
      )
    }
    return { status: 200, body: JSON.stringify(operation(parseJson(body))) }
  } catch (error) {
    const { code, message, status } =
      error instanceof AwsServiceError ? error : new AwsServiceError('InternalFailure', String(error), 500)
    return { status, body: JSON.stringify({ __type: code, message }) }
  }
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch (error) {
    throw new AwsServiceError('SerializationException', String(error))
  }
}
