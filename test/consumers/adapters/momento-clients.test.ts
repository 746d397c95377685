import {
  CacheGet,
  Configurations,
  type CredentialProvider,
  NoopMomentoLoggerFactory,
  ReadConcern,
} from '@gomomento/sdk'
import { describe, expect, test, vi } from 'vitest'
import { momentoRequestTimeoutMs } from '../../../consumers/adapters/momento-cell-store.ts'
import { MomentoClients } from '../../../consumers/adapters/momento-clients.ts'
import { newGate } from '../../local/momento/gate.ts'
import { startMomento } from '../../../local/momento/server.ts'
import { cacheName, closing, credentialsFor, useClients, useMomentoServer } from './local-momento.ts'

describe('connections', () => {
  test('there is one, made ahead of the first call, however many ask for it at once', async () => {
    const server = await useMomentoServer()
    const clients = useClients(server)
    const [first, second] = await Promise.all([clients.get('balanced'), clients.get('balanced')])
    expect(second).toBe(first)
    expect(await clients.get('balanced')).toBe(first)
    expect(server.counters()).toMatchObject({ connections: 1, requests: 0 })
    await Promise.all(Array.from({ length: 20 }, () => first.get(cacheName, 'a')))
    expect(server.counters().connections).toBe(1)
  })

  test('consistent reads have their own, made only when one is asked for', async () => {
    const server = await useMomentoServer()
    const clients = useClients(server)
    const balanced = await clients.get('balanced')
    expect(server.counters().connections).toBe(1)
    const consistent = await clients.get('consistent')
    expect(server.counters().connections).toBe(2)
    await balanced.get(cacheName, 'a')
    expect(server.counters().consistentConnections).toBe(0)
    await consistent.get(cacheName, 'a')
    expect(server.counters()).toMatchObject({ connections: 2, consistentConnections: 1 })
  })

  test('after closing, asking again makes a new one', async () => {
    const server = await useMomentoServer()
    const clients = useClients(server)
    const first = await clients.get('balanced')
    await clients.close()
    const second = await clients.get('balanced')
    expect(second).not.toBe(first)
    expect(await second.get(cacheName, 'a')).toBeInstanceOf(CacheGet.Miss)
  })
})

describe('failures', () => {
  test('credentials that could not be had are asked for again a second later, those that were had are kept', async () => {
    const server = await useMomentoServer()
    let nowMs = 0
    const answers = [Promise.reject(new Error('no secret')), Promise.resolve(credentialsFor(server.port))]
    let asked = 0
    const fetch = (): Promise<CredentialProvider> =>
      answers[asked++] ?? Promise.reject(new Error('asked too often'))
    const clients = closing(new MomentoClients(fetch, () => nowMs))
    const both = await Promise.allSettled([clients.get('balanced'), clients.get('balanced')])
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    nowMs = 999
    await expect(clients.get('consistent')).rejects.toThrow('no secret')
    expect(asked).toBe(1)
    nowMs = 1_000
    await expect(clients.get('balanced')).resolves.toBeDefined()
    await expect(clients.get('consistent')).resolves.toBeDefined()
    expect(asked).toBe(2)
  })

  test('a server that cannot be reached yet gives a client that works once it can, and is kept', async () => {
    const gone = await startMomento()
    await gone.close()
    const clients = useClients(gone)
    const client = await clients.get('balanced')
    await useMomentoServer({ port: gone.port })
    const reached = async (): Promise<boolean> => (await client.get(cacheName, 'a')) instanceof CacheGet.Miss
    await expect.poll(reached, { timeout: 15_000 }).toBe(true)
    expect(await clients.get('balanced')).toBe(client)
  })
})

describe('refused credentials', () => {
  test('are fetched anew for the next call, once in 30 seconds', async () => {
    const server = await useMomentoServer()
    let nowMs = 0
    let asked = 0
    const fetch = async (): Promise<CredentialProvider> => {
      asked++
      return credentialsFor(server.port)
    }
    const clients = closing(new MomentoClients(fetch, () => nowMs))
    const first = await clients.get('balanced')
    clients.renew()
    const second = await clients.get('balanced')
    expect(second).not.toBe(first)
    expect(asked).toBe(2)
    nowMs = 29_999
    clients.renew()
    expect(await clients.get('balanced')).toBe(second)
    nowMs = 30_000
    clients.renew()
    expect(await clients.get('balanced')).not.toBe(second)
    expect(asked).toBe(3)
  })

  test('leave a call under way with the client that it began with, which is closed after it', async () => {
    const server = await useMomentoServer()
    const clients = useClients(server)
    const client = await clients.get('balanced')
    const close = vi.spyOn(client, 'close')
    const held = newGate()
    const call = clients.call('balanced', async (own) => {
      await held.opened
      return own
    })
    clients.renew()
    expect(await clients.call('balanced', async (own) => own)).not.toBe(client)
    expect(close).not.toHaveBeenCalled()
    held.open()
    expect(await call).toBe(client)
    expect(close).toHaveBeenCalledOnce()
  })

  test('close a client that nobody uses at once', async () => {
    const clients = useClients(await useMomentoServer())
    const close = vi.spyOn(await clients.get('balanced'), 'close')
    clients.renew()
    await clients.get('balanced')
    expect(close).toHaveBeenCalledOnce()
  })
})

test('the SDK’s settings for Lambda are still those that the bounds here were made for', () => {
  const configuration = Configurations.Lambda.latest(new NoopMomentoLoggerFactory())
  const grpc = configuration.getTransportStrategy().getGrpcConfig()
  expect(grpc.getDeadlineMillis()).toBe(momentoRequestTimeoutMs)
  expect(momentoRequestTimeoutMs).toBe(1_100)
  expect(grpc.getNumClients()).toBe(1)
  expect(configuration.getReadConcern()).toBe(ReadConcern.BALANCED)
})
