import { once } from 'node:events'
import { connect } from 'node:net'
import { control } from '@gomomento/generated-types'
import { credentials, status } from '@grpc/grpc-js'
import { CacheClient, Configurations, NoopMomentoLoggerFactory, ReadConcern } from '@gomomento/sdk'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { MomentoCounters } from '../../../local/momento/counters.ts'
import { startMomento } from '../../../local/momento/server.ts'
import type { MomentoOptions, MomentoServer } from '../../../local/momento/server.ts'
import { newGate } from './gate.ts'
import { keyedClient, outcome, quietClient, quietClientProps } from './quiet-client.ts'

async function start(options: MomentoOptions = {}): Promise<MomentoServer> {
  const server = await startMomento({ caches: ['cache'], ...options })
  onTestFinished(() => server.close())
  return server
}

function lazyClient(server: MomentoServer): CacheClient {
  const client = quietClient(server)
  onTestFinished(() => client.close())
  return client
}

async function eagerClient(server: MomentoServer): Promise<CacheClient> {
  const client = await CacheClient.create({ ...quietClientProps(server), eagerConnectTimeout: 5 })
  onTestFinished(() => client.close())
  return client
}

function requestsByMethod({ methods }: Pick<MomentoCounters, 'methods'>): Record<string, number> {
  return Object.fromEntries(Object.entries(methods).map(([name, { requests }]) => [name, requests]))
}

function clientWith(server: MomentoServer, apiKey: string): CacheClient {
  const client = keyedClient(server, apiKey)
  onTestFinished(() => client.close())
  return client
}

describe('counters', () => {
  test('an eager client is one connection before its first call and after many', async () => {
    const server = await start()
    const client = await eagerClient(server)
    expect(server.counters().connections).toBe(1)
    expect(server.counters().requests).toBe(0)
    await Promise.all(Array.from({ length: 50 }, (_, index) => client.get('cache', `key ${index}`)))
    expect(server.counters().connections).toBe(1)
    expect(server.counters().requests).toBe(50)
  })

  test('a client that was not waited for is one connection too, which its calls share', async () => {
    const server = await start()
    const client = lazyClient(server)
    await Promise.all([client.get('cache', 'k'), client.get('cache', 'k')])
    await client.get('cache', 'k')
    expect(server.counters().connections).toBe(1)
  })

  test('two clients are two connections, and a control call is one of its own', async () => {
    const server = await start()
    const [first, second] = [lazyClient(server), lazyClient(server)]
    await Promise.all([first.get('cache', 'k'), second.get('cache', 'k')])
    expect(server.counters().connections).toBe(2)
    await first.listCaches()
    expect(server.counters().connections).toBe(3)
  })

  test('a connection counts once as one for consistent reads, however many it carries', async () => {
    const server = await start()
    const balanced = lazyClient(server)
    const consistent = new CacheClient({
      ...quietClientProps(server),
      configuration: Configurations.Lambda.latest(new NoopMomentoLoggerFactory()).withReadConcern(
        ReadConcern.CONSISTENT,
      ),
    })
    onTestFinished(() => consistent.close())
    await balanced.get('cache', 'k')
    expect(server.counters().consistentConnections).toBe(0)
    await consistent.get('cache', 'k')
    await consistent.get('cache', 'k')
    expect(server.counters()).toMatchObject({ connections: 2, consistentConnections: 1 })
  })

  test('calls are counted by method, and values by bytes in each direction', async () => {
    const server = await start()
    const client = lazyClient(server)
    await client.set('cache', 'k', 'x'.repeat(100))
    await client.get('cache', 'k')
    await client.get('cache', 'missing')
    await client.getWithHash('cache', 'k')
    await client.setIfAbsent('cache', 'k', 'x'.repeat(10))
    const before = server.counters()
    await client.setWithHash('cache', 'k', 'x')
    await client.listCaches()
    expect(before.bytesIn).toBe(110)
    expect(requestsByMethod(before)).toEqual({ Set: 1, Get: 2, GetWithHash: 1, SetIf: 1 })
    const { methods, ...totals } = server.counters()
    expect(requestsByMethod({ methods })).toEqual({
      Set: 1,
      Get: 2,
      GetWithHash: 1,
      SetIf: 1,
      SetIfHash: 1,
      ListCaches: 1,
    })
    expect(totals).toEqual({
      requests: 6,
      connections: 2,
      consistentConnections: 0,
      bytesIn: 111,
      bytesOut: 200,
      refused: 0,
      answersLost: 0,
      limited: 0,
      held: 0,
      cut: 0,
      delayed: 0,
      evicted: 0,
      rolledBack: 0,
      staleReads: 0,
      unauthenticated: 0,
    })
  })

  test('the messages of a method are counted by bytes, and its failures by status', async () => {
    const server = await start()
    const client = lazyClient(server)
    await client.set('cache', 'k', 'x'.repeat(1000))
    await client.set('none', 'k', 'x')
    await client.get('cache', 'k')
    const { Set: sets, Get: gets } = server.counters().methods
    // In protocol buffers: 1,000 and 1 bytes of values, 3 and 2 to say so, and 7 each for key and time to live.
    expect(sets?.bytesIn).toBe(1000 + 3 + 7 + 1 + 2 + 7)
    expect(sets).toMatchObject({ requests: 2, errors: { NOT_FOUND: 1 } })
    expect(gets).toMatchObject({ requests: 1, bytesIn: 3, errors: {} })
    expect(gets?.bytesOut).toBeGreaterThan(1000)
    expect(gets?.bytesOut).toBeLessThan(1020)
  })

  test('a call that is given up is counted as cancelled', async () => {
    const server = await start()
    const client = lazyClient(server)
    const abort = new AbortController()
    const held = newGate()
    onTestFinished(held.open)
    server.setFaults({
      onApplied: () => {
        abort.abort()
        return held.opened
      },
    })
    await client.setIfAbsent('cache', 'k', 'v', { abortSignal: abort.signal })
    await expect.poll(() => server.counters().methods['SetIf']?.errors).toEqual({ CANCELLED: 1 })
  })
})

describe('life', () => {
  test('close ends a call in flight, frees the port, and may be called again', async () => {
    const server = await start()
    const client = lazyClient(server)
    const held = newGate()
    const applied = newGate()
    server.setFaults({
      onApplied: () => {
        applied.open()
        return held.opened
      },
    })
    const write = client.setIfAbsent('cache', 'k', 'v')
    await applied.opened
    await server.close()
    await server.close()
    expect(outcome(await write)).toBe('SERVER_UNAVAILABLE')
    held.open()

    const next = await start({ port: server.port })
    expect(outcome(await lazyClient(next).get('cache', 'k'))).toBe('Miss')
  })

  test('a port that is taken is an error', async () => {
    const server = await start()
    await expect(startMomento({ port: server.port })).rejects.toThrow('EADDRINUSE')
  })

  test('without a clock of its own, time passes: the remaining time is below what was set', async () => {
    const client = lazyClient(await start())
    await client.set('cache', 'k', 'v', { ttl: 60 })
    const response = await client.itemGetTtl('cache', 'k')
    const remainingMs = 'remainingTtlMillis' in response ? response.remainingTtlMillis() : NaN
    expect(remainingMs).toBeLessThan(60_000)
    expect(remainingMs).toBeGreaterThan(0)
  })
})

describe('an outage', () => {
  test('cuts the connections and refuses new ones; afterwards the same client finds its items again', async () => {
    const server = await start()
    const client = lazyClient(server)
    await client.set('cache', 'k', 'kept')
    const applied = newGate()
    const held = newGate()
    server.setFaults({
      onApplied: () => {
        applied.open()
        return held.opened
      },
    })
    const cut = client.setIfAbsent('cache', 'other', 'v')
    await applied.opened
    await server.goOffline()
    expect(outcome(await cut)).toBe('SERVER_UNAVAILABLE')
    held.open()
    server.setFaults({})
    expect(outcome(await client.setIfAbsent('cache', 'third', 'v'))).toBe('SERVER_UNAVAILABLE')

    await server.goOnline()
    const found = async (): Promise<string | undefined> => (await client.get('cache', 'k')).value()
    await expect.poll(found, { timeout: 15_000 }).toBe('kept')
    expect(outcome(await client.get('cache', 'third'))).toBe('Miss')
    expect((await client.get('cache', 'other')).value()).toBe('v')
  })

  test('ends as it began, once, however often either is asked for; a server may be closed in the middle', async () => {
    const server = await start()
    await server.goOnline()
    await Promise.all([server.goOffline(), server.goOffline()])
    await server.goOnline()
    await server.goOnline()
    expect(outcome(await lazyClient(server).get('cache', 'k'))).toBe('Miss')
    await server.goOffline()
    await server.close()
    await expect(start({ port: server.port })).resolves.toMatchObject({ port: server.port })
  })
})

describe('API keys', () => {
  test('a call that carries one is answered, one that carries another or none is not and changes nothing', async () => {
    const server = await start({ apiKeys: new Set(['first', 'second']) })
    for (const client of [clientWith(server, 'third'), lazyClient(server)]) {
      expect(outcome(await client.setIfAbsent('cache', 'k', 'v'))).toBe('AUTHENTICATION_ERROR')
      expect(outcome(await client.listCaches())).toBe('AUTHENTICATION_ERROR')
    }
    expect(server.counters()).toMatchObject({ unauthenticated: 4, requests: 0, methods: {} })
    expect(outcome(await clientWith(server, 'first').get('cache', 'k'))).toBe('Miss')
    expect(outcome(await clientWith(server, 'second').listCaches())).toBe('Success')
    expect(server.counters()).toMatchObject({ unauthenticated: 4, requests: 1 })
  })

  test('a key that is taken away is refused from the next call on, on the same connection', async () => {
    const apiKeys = new Set(['old'])
    const server = await start({ apiKeys })
    const client = clientWith(server, 'old')
    expect(outcome(await client.get('cache', 'k'))).toBe('Miss')
    apiKeys.delete('old')
    expect(outcome(await client.get('cache', 'k'))).toBe('AUTHENTICATION_ERROR')
    apiKeys.add('old')
    expect(outcome(await client.get('cache', 'k'))).toBe('Miss')
    expect(server.counters()).toMatchObject({ unauthenticated: 1, connections: 1 })
  })
})

describe('what it does not serve', () => {
  test('a method that is not there is an error at once, and the connection goes on', async () => {
    const server = await start()
    const client = lazyClient(server)
    const { ScsControlClient, _ListSigningKeysRequest } = control.control_client
    const other = new ScsControlClient(`${server.hostname}:${server.port}`, credentials.createInsecure())
    const call = (): Promise<unknown> =>
      new Promise((resolve) => other.ListSigningKeys(new _ListSigningKeysRequest(), resolve))
    expect(await call()).toMatchObject({ code: status.UNIMPLEMENTED })
    expect(await call()).toMatchObject({ code: status.UNIMPLEMENTED })
    other.close()
    expect(outcome(await client.get('cache', 'k'))).toBe('Miss')
    expect(server.counters().connections).toBe(2)
  })

  test('a peer that speaks no HTTP/2, or resets its connection, harms no other', async () => {
    const server = await start()
    const client = await eagerClient(server)
    const stranger = connect(server.port, server.hostname)
    stranger.resume()
    stranger.write('GET / HTTP/1.1\r\n\r\n')
    await once(stranger, 'close')
    const resetting = connect(server.port, server.hostname)
    await once(resetting, 'connect')
    resetting.resetAndDestroy()
    expect(outcome(await client.get('cache', 'k'))).toBe('Miss')
  })
})
