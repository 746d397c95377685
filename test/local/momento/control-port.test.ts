import { describe, expect, onTestFinished, test } from 'vitest'
import type { CacheClient } from '@gomomento/sdk'
import { startControlPort } from '../../../local/momento/control-port.ts'
import { startMomento } from '../../../local/momento/server.ts'
import { outcome, quietClient } from './quiet-client.ts'

interface Answer {
  readonly status: number
  readonly body: unknown
}

interface Fixture {
  readonly client: CacheClient
  readonly ask: (method: string, path: string, body?: unknown) => Promise<Answer>
}

async function start(): Promise<Fixture> {
  const momento = await startMomento({ caches: ['cache'] })
  const control = await startControlPort(momento, 0)
  const client = quietClient(momento)
  onTestFinished(async () => {
    client.close()
    await control.close()
    await momento.close()
  })
  const ask = async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const response = await fetch(`http://127.0.0.1:${control.port}${path}`, {
      method,
      ...(text !== undefined && { body: text }),
    })
    return { status: response.status, body: await response.json() }
  }
  return { client, ask }
}

test('faults that are put hit all calls until they are deleted, and can be looked at', async () => {
  const { client, ask } = await start()
  const faults = { failRates: { internal: 1 }, methods: ['SetIf'] }
  expect(await ask('GET', '/faults')).toEqual({ status: 200, body: {} })
  expect(await ask('PUT', '/faults', faults)).toEqual({ status: 200, body: faults })
  expect(await ask('GET', '/faults')).toEqual({ status: 200, body: faults })
  expect(outcome(await client.setIfAbsent('cache', 'k', 'v'))).toBe('INTERNAL_SERVER_ERROR')
  expect(await ask('DELETE', '/faults')).toEqual({ status: 200, body: {} })
  expect(await ask('GET', '/faults')).toEqual({ status: 200, body: {} })
  expect(outcome(await client.setIfAbsent('cache', 'k', 'v'))).toBe('Stored')
})

test('the same seed hits the same calls, and another seed others', async () => {
  const { client, ask } = await start()
  const outcomesOf = async (seed: number): Promise<string> => {
    await ask('PUT', '/faults', { limitRate: 0.5, seed })
    let outcomes = ''
    for (let call = 0; call < 20; call++) outcomes += outcome(await client.get('cache', 'k')).charAt(0)
    return outcomes
  }
  const first = await outcomesOf(7)
  expect(await outcomesOf(7)).toBe(first)
  expect(await outcomesOf(8)).not.toBe(first)
  expect(first).toMatch(/^[LM]+$/)
})

describe('faults that make no sense are refused with all that is wrong, and change nothing', () => {
  test.each<[unknown, RegExp]>([
    [{ refuseRate: 2 }, /^refuseRate: .*1$/],
    [{ failRates: { broken: 1 } }, /^failRates: broken: |^failRates: .*broken/],
    [{ loseAnswers: 1 }, /loseAnswers/],
    [{ delayMs: '5' }, /^delayMs: .*number/],
    [{ delayMs: 2 ** 31 }, /^delayMs 2147483648 /],
    [{ refuseRate: 1, methods: ['get'] }, /^methods: 0: .*"Get"/],
    [{ refuseRate: 0.6, holdRate: 0.6 }, /refuseRate 0.6, .*holdRate 0.6.* are not shares of 1/],
    [[], /object/],
    ['{', /^the body is no JSON$/],
  ])('%j', async (faults, message) => {
    const { client, ask } = await start()
    await ask('PUT', '/faults', { limitRate: 1 })
    const { status, body } = await ask('PUT', '/faults', faults)
    expect(status).toBe(400)
    const { errors } = body as { errors: readonly string[] }
    expect(errors).toHaveLength(1)
    expect(errors[0]).toMatch(message)
    expect(await ask('GET', '/faults')).toMatchObject({ body: { limitRate: 1 } })
    expect(outcome(await client.get('cache', 'k'))).toBe('LIMIT_EXCEEDED_ERROR')
  })

  test('two mistakes are two errors', async () => {
    const { ask } = await start()
    const { body } = await ask('PUT', '/faults', { refuseRate: 2, delayMs: -1 })
    expect(body).toMatchObject({ errors: [expect.any(String), expect.any(String)] })
  })
})

describe('an eviction', () => {
  test('takes the item of a key, which may be any bytes', async () => {
    const { client, ask } = await start()
    const key = Uint8Array.of(0, 0xff)
    await client.set('cache', key, 'v')
    const eviction = { cache: 'cache', key: Buffer.from(key).toString('base64') }
    expect(await ask('POST', '/evict', eviction)).toEqual({ status: 200, body: { isEvicted: true } })
    expect(await ask('POST', '/evict', eviction)).toEqual({ status: 200, body: { isEvicted: false } })
    expect(outcome(await client.get('cache', key))).toBe('Miss')
  })

  test.each<[unknown, number, string]>([
    [{ cache: 'none', key: 'aw==' }, 404, 'no cache is named none'],
    [{ cache: 'cache', key: '!' }, 400, 'key: '],
    [{ cache: 'cache' }, 400, 'key: '],
  ])('of %j is refused', async (eviction, status, message) => {
    const { ask } = await start()
    const answer = await ask('POST', '/evict', eviction)
    expect(answer).toMatchObject({ status, body: { errors: [expect.stringContaining(message)] } })
  })
})

test('counters and health are there', async () => {
  const { client, ask } = await start()
  await client.get('cache', 'k')
  expect(await ask('GET', '/health')).toEqual({ status: 200, body: { isHealthy: true } })
  expect(await ask('GET', '/counters')).toMatchObject({
    status: 200,
    body: { requests: 1, connections: 1, methods: { Get: { requests: 1, bytesIn: 3, errors: {} } } },
  })
})

test.each([
  ['GET', '/'],
  ['POST', '/faults'],
  ['GET', '/faults/1'],
  ['GET', '/constructor'],
])('%s %s is not there, and the answer says what is', async (method, path) => {
  const { ask } = await start()
  const { status, body } = await ask(method, path)
  expect(status).toBe(404)
  expect(body).toMatchObject({ errors: [expect.stringContaining('PUT /faults')] })
})

test('a body beyond all reason is refused, and what comes after it on its connection is answered', async () => {
  const { ask } = await start()
  expect(await ask('PUT', '/faults', 'x'.repeat(2_000_000))).toMatchObject({ status: 400 })
  for (let again = 0; again < 2; again++) expect(await ask('GET', '/health')).toMatchObject({ status: 200 })
})

test('a port that is taken is an error', async () => {
  const momento = await startMomento()
  onTestFinished(() => momento.close())
  await expect(startControlPort(momento, momento.port)).rejects.toThrow('EADDRINUSE')
})
