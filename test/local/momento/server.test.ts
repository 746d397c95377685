import { once } from 'node:events'
import { connect } from 'node:net'
import { CacheClient, Configurations, NoopMomentoLoggerFactory, ReadConcern } from '@gomomento/sdk'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startMomento } from '../../../local/momento/server.ts'
import type { MomentoOptions, MomentoServer } from '../../../local/momento/server.ts'
import { newGate } from './gate.ts'
import { outcome, quietClient, quietClientProps } from './quiet-client.ts'

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
    expect(before.requestsByMethod).toEqual({ Set: 1, Get: 2, GetWithHash: 1, SetIf: 1 })
    expect(server.counters()).toEqual({
      requestsByMethod: { Set: 1, Get: 2, GetWithHash: 1, SetIf: 1, SetIfHash: 1, ListCaches: 1 },
      requests: 6,
      connections: 2,
      consistentConnections: 0,
      bytesIn: 111,
      bytesOut: 200,
      refused: 0,
      answersLost: 0,
    })
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

describe('what it does not serve', () => {
  test('a method that is not there is an error at once, and the connection goes on', async () => {
    const server = await start()
    const client = lazyClient(server)
    expect(outcome(await client.listPushBack('cache', 'k', 'v'))).toBe('BAD_REQUEST_ERROR')
    expect(outcome(await client.getBatch('cache', ['k']))).toBe('BAD_REQUEST_ERROR')
    expect(outcome(await client.get('cache', 'k'))).toBe('Miss')
    expect(server.counters().connections).toBe(1)
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
