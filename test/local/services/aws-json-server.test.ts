import { once } from 'node:events'
import { Agent, request as httpRequest } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { connect, createServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RunningService } from '../../../local/services/aws-json-server.ts'
import { AwsServiceError, startAwsJsonServer } from '../../../local/services/aws-json-server.ts'

const MEBIBYTE = 1024 * 1024

let server: RunningService

beforeEach(async () => {
  server = await startAwsJsonServer({
    targetPrefix: 'Test_1',
    operations: {
      Echo: (input) => ({ input }),
      Refuse: () => {
        throw new AwsServiceError('NoSuchThingException', 'There is none.')
      },
      Break: () => {
        throw new TypeError('a bug')
      },
    },
  })
})

afterEach(() => server.close())

async function call(target: string, body: string | ReadableStream) {
  const init = { method: 'POST', headers: { 'x-amz-target': target }, body, duplex: 'half' as const }
  const response = await fetch(server.endpoint, init)
  return { status: response.status, headers: response.headers, body: await response.json() }
}

describe('over HTTP/1.1', () => {
  test('an operation gets the parsed input and its output comes back as AWS JSON with a request id', async () => {
    const { status, headers, body } = await call('Test_1.Echo', '{"a":["ü",1]}')
    expect(status).toBe(200)
    expect(body).toEqual({ input: { a: ['ü', 1] } })
    expect(headers.get('content-type')).toBe('application/x-amz-json-1.1')
    expect(headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('a large body in many chunks without a length arrives whole and in order', async () => {
    const parts = Array.from({ length: 2000 }, (_, index) => `${index}`.padStart(1000, '.'))
    const encoder = new TextEncoder()
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(encoder.encode('"'))
        for (const part of parts) controller.enqueue(encoder.encode(part))
        controller.enqueue(encoder.encode('"'))
        controller.close()
      },
    })
    expect((await call('Test_1.Echo', body)).body).toEqual({ input: parts.join('') })
  })

  test('a service error becomes status 400 with its code and message', async () => {
    const { status, body } = await call('Test_1.Refuse', '{}')
    expect({ status, body }).toEqual({
      status: 400,
      body: { __type: 'NoSuchThingException', message: 'There is none.' },
    })
  })

  test('an unexpected error becomes InternalFailure with status 500 and says what broke', async () => {
    const { status, body } = await call('Test_1.Break', '{}')
    expect({ status, body }).toEqual({
      status: 500,
      body: { __type: 'InternalFailure', message: 'TypeError: a bug' },
    })
  })

  test.each(['Test_1.Missing', 'Other_1.Echo', 'Test_1.toString', 'Echo', ''])(
    'the target "%s" is refused as unknown',
    async (target) => {
      const { status, body } = await call(target, '{}')
      expect({ status, body }).toMatchObject({ status: 400, body: { __type: 'UnknownOperationException' } })
    },
  )

  test('a body that is not JSON is refused as such', async () => {
    const { status, body } = await call('Test_1.Echo', '{')
    expect({ status, body }).toMatchObject({ status: 400, body: { __type: 'SerializationException' } })
  })

  test('a body of 16 MiB is read, one byte more is refused with 413', async () => {
    const largest = JSON.stringify('x'.repeat(16 * MEBIBYTE - 2))
    expect((await call('Test_1.Echo', largest)).status).toBe(200)
    const { status, body } = await call('Test_1.Echo', `${largest} `)
    expect({ status, body }).toMatchObject({
      status: 413,
      body: { __type: 'RequestEntityTooLargeException' },
    })
  })

  test('a request whose first byte comes alone is answered', async () => {
    const socket = connect(server.port, '127.0.0.1')
    socket.setNoDelay(true)
    await once(socket, 'connect')
    socket.write('P')
    // A whole exchange on another connection: by its end the server has read the lone byte.
    await call('Test_1.Echo', '{}')
    const head = 'host: x\r\nconnection: close\r\nx-amz-target: Test_1.Echo\r\ncontent-length: 2'
    socket.write(`OST / HTTP/1.1\r\n${head}\r\n\r\n{}`)
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 [^]*\{"input":\{\}\}$/)
  })
})

describe('over HTTP/2 without TLS', () => {
  test('requests on one session are answered, each with its own body', async () => {
    const session = connectHttp2(server.endpoint)
    const answers = await Promise.all(
      ['"a"', '"b"', '"c"'].map((body) => {
        const stream = session.request({ ':method': 'POST', 'x-amz-target': 'Test_1.Echo' })
        stream.end(body)
        return text(stream)
      }),
    )
    session.close()
    expect(answers).toEqual(['{"input":"a"}', '{"input":"b"}', '{"input":"c"}'])
  })

  test('a body larger than a window arrives whole', async () => {
    const session = connectHttp2(server.endpoint)
    const stream = session.request({ ':method': 'POST', 'x-amz-target': 'Test_1.Echo' })
    const body = JSON.stringify('y'.repeat(12 * MEBIBYTE))
    stream.end(body)
    const answer = await text(stream)
    session.close()
    expect(answer === `{"input":${body}}`).toBe(true)
  })
})

describe('closing', () => {
  test('ends at once although clients keep idle connections of every kind, and frees the port', async () => {
    const agent = new Agent({ keepAlive: true })
    const request = httpRequest(server.endpoint, { agent, method: 'POST' })
    request.end('{}')
    const [response] = await once(request, 'response')
    await text(response)
    const session = connectHttp2(server.endpoint)
    await once(session, 'remoteSettings')
    const silent = connect(server.port, '127.0.0.1')
    await once(silent, 'connect')
    const ends = Promise.all([once(session, 'close'), once(silent, 'close')])

    await server.close()

    await ends
    agent.destroy()
    const successor = createServer().listen(server.port, '127.0.0.1')
    await once(successor, 'listening')
    expect(successor.address()).toMatchObject({ port: server.port })
    successor.close()
  })

  test('twice is as good as once', async () => {
    await server.close()
    await expect(server.close()).resolves.toBeUndefined()
  })
})

test('a port in use is an error of the start, not of the process', async () => {
  await expect(
    startAwsJsonServer({ targetPrefix: 'Test_1', operations: {}, port: server.port }),
  ).rejects.toMatchObject({ code: 'EADDRINUSE' })
})
