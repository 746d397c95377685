import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import * as z from 'zod'
import { type FunctionError, type Invocation, type InvocationOutcome, platformError } from './invocation.ts'

const pathPrefix = '/2018-06-01/runtime'

/** Lambda's limit for an answer: 6 MB and a little for its envelope. */
const maximumResponseBytes = 6 * 1024 * 1024 + 100

/** What the runtime is answered, by status; the words of errors are those of AWS's Runtime Interface Emulator. */
const answers = {
  202: { status: 'OK' },
  400: { errorType: 'InvalidRequestID', errorMessage: 'Invalid request ID' },
  404: { errorType: 'NotFound', errorMessage: 'There is no such path, or not by this method' },
  413: {
    errorType: 'RequestEntityTooLarge',
    errorMessage: `Exceeded maximum allowed payload size (${maximumResponseBytes} bytes).`,
  },
} as const

const errorSchema = z.object({ errorType: z.string().optional(), errorMessage: z.string().optional() })

/** What the runtime asks for and reports; each is called once per request of the runtime. */
export interface RuntimeListener {
  /** The runtime is ready for an invocation, so it is done with the one before. */
  onNext(): void
  /** The runtime reported how the invocation in hand ended. */
  onOutcome(outcome: InvocationOutcome): void
  /** The runtime could not load the function; it ends itself after this. */
  onInitError(error: FunctionError): void
}

/** The Runtime API of one execution environment. */
export interface RuntimeApi {
  /** `127.0.0.1:port`, the value of `AWS_LAMBDA_RUNTIME_API`. */
  readonly address: string
  /** Hands an invocation to the runtime that waits for one; throws if none does. */
  deliver(invocation: Invocation): void
  /** Cuts all connections, by which a runtime that still lives ends itself. */
  close(): Promise<void>
}

/**
 * Starts a Runtime API on an ephemeral port. Each environment has its own, so that the port tells who calls.
 *
 * Source: AWS Lambda Developer Guide, "Using the Lambda runtime API".
 */
export async function startRuntimeApi(listener: RuntimeListener): Promise<RuntimeApi> {
  let waiting: ServerResponse | undefined
  let requestIdInHand: string | undefined

  const server = createServer(
    // Connections idle for as long as an environment is warm, and the request for `next` waits as long.
    { keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 },
    (request, response) => {
      if (request.method === 'GET' && request.url === `${pathPrefix}/invocation/next`) {
        waiting = response
        listener.onNext()
        return
      }
      readBody(request, (body) => {
        const status = accept(request, body)
        response.writeHead(status, { 'Content-Type': 'application/json' })
        response.end(JSON.stringify(answers[status]))
      })
    },
  )

  /** Takes a report of the runtime and returns the status to answer it with. */
  function accept(request: IncomingMessage, body: string | undefined): keyof typeof answers {
    const url = request.url ?? ''
    if (request.method !== 'POST') return 404
    if (url === `${pathPrefix}/init/error`) {
      listener.onInitError(reportedError(request, body))
      return 202
    }
    const [, requestId, report] = /\/invocation\/([^/]+)\/(response|error)$/.exec(url) ?? []
    if (requestId === undefined) return 404
    if (decodeURIComponent(requestId) !== requestIdInHand) return 400
    requestIdInHand = undefined
    listener.onOutcome(
      report === 'error'
        ? reportedError(request, body)
        : body === undefined
          ? tooLargeError()
          : { outcome: 'answered', payload: body },
    )
    return body === undefined ? 413 : 202
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The Runtime API has no port')

  return {
    address: `127.0.0.1:${address.port}`,
    deliver(invocation) {
      if (waiting === undefined) throw new Error('The runtime does not wait for an invocation')
      const response = waiting
      waiting = undefined
      requestIdInHand = invocation.requestId
      const payload = Buffer.from(invocation.payload)
      response.writeHead(200, {
        'Content-Type': 'application/json',
        'Content-Length': payload.byteLength,
        'Lambda-Runtime-Aws-Request-Id': invocation.requestId,
        'Lambda-Runtime-Deadline-Ms': String(invocation.deadlineMs),
        'Lambda-Runtime-Invoked-Function-Arn': invocation.functionArn,
        'Lambda-Runtime-Trace-Id': invocation.traceId,
      })
      response.end(payload)
    },
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)))
        server.closeAllConnections()
      }),
  }
}

/** Reads a body to its end; `undefined` if it is larger than a response may be. A cut connection reads nothing. */
function readBody(request: IncomingMessage, onBody: (body: string | undefined) => void): void {
  const chunks: Buffer[] = []
  let bodyBytes = 0
  request.on('data', (chunk: Buffer) => {
    bodyBytes += chunk.byteLength
    if (bodyBytes <= maximumResponseBytes) chunks.push(chunk)
  })
  request.on('end', () => {
    onBody(bodyBytes <= maximumResponseBytes ? Buffer.concat(chunks).toString() : undefined)
  })
}

function reportedError(request: IncomingMessage, body: string | undefined): FunctionError {
  if (body === undefined) return tooLargeError()
  const header = request.headers['lambda-runtime-function-error-type']
  const { errorType, errorMessage } = parseError(body)
  return {
    outcome: 'function-error',
    errorType: errorType ?? (typeof header === 'string' ? header : 'Runtime.Unknown'),
    errorMessage: errorMessage ?? '',
    payload: body,
  }
}

function parseError(body: string): z.infer<typeof errorSchema> {
  try {
    return errorSchema.parse(JSON.parse(body))
  } catch {
    // A runtime may report in a form of its own: the header then names the error, the payload is passed on.
    return {}
  }
}

function tooLargeError(): FunctionError {
  return platformError(
    'Function.ResponseSizeTooLarge',
    `Response payload size exceeded maximum allowed payload size (${maximumResponseBytes} bytes).`,
  )
}
