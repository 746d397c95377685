import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { momentoCellStore, momentoRequestTimeoutMs } from '../../../consumers/adapters/momento-cell-store.ts'
import { MomentoClients } from '../../../consumers/adapters/momento-clients.ts'
import { StoreError } from '../../../consumers/engine/errors.ts'
import type { CellStore } from '../../../consumers/engine/ports.ts'
import type { MomentoFaults } from '../../../local/momento/faults.ts'
import { startMomento } from '../../../local/momento/server.ts'
import { newGate } from '../../local/momento/gate.ts'
import { cellStoreContract } from '../../contract/cell-store.ts'
import { cacheName, credentialsFor, useClients, useMomentoServer } from './local-momento.ts'

const closers: (() => Promise<void>)[] = []
afterAll(async () => {
  for (const close of closers) await close()
})

cellStoreContract('Momento', async () => {
  let nowMs = 0
  const server = await startMomento({ caches: [cacheName], nowMs: () => nowMs })
  const clients = new MomentoClients(async () => credentialsFor(server.port))
  closers.push(
    () => clients.close(),
    () => server.close(),
  )
  return {
    store: momentoCellStore(clients, cacheName),
    advance: (durationMs) => {
      nowMs += durationMs
    },
  }
})

const bytes = Buffer.from('bytes')
const hash = Buffer.alloc(16, 1)

/** Every request of the port, each of which has to fail in the same way. */
function requests(store: CellStore): readonly (() => Promise<unknown>)[] {
  return [
    () => store.read('a', 'balanced'),
    () => store.read('a', 'consistent'),
    () => store.createIfAbsent('a', bytes, 60),
    () => store.replaceIfEqual('a', bytes, hash, 60),
  ]
}

/** What the requests are reported to have failed with, all alike. */
async function failureCode(store: CellStore): Promise<string> {
  const failures = await Promise.allSettled(requests(store).map((request) => request()))
  const codes = failures.map((failure) =>
    failure.status === 'rejected' && failure.reason instanceof StoreError
      ? failure.reason.code
      : 'no StoreError',
  )
  return [...new Set(codes)].join()
}

describe('no definite answer is a StoreError', () => {
  test.each<[string, MomentoFaults]>([
    ['refused', { refuseRate: 1 }],
    ['applied, but its answer lost', { loseAnswerRate: 1 }],
  ])('where every request is %s', async (_, faults) => {
    const server = await useMomentoServer()
    const store = momentoCellStore(useClients(server), cacheName)
    server.setFaults(faults)
    expect(await failureCode(store)).toBe('SERVER_UNAVAILABLE')
    server.setFaults({})
    await expect(store.read('a', 'balanced')).resolves.not.toThrow()
  })

  test('where the cache does not exist', async () => {
    const server = await useMomentoServer()
    expect(await failureCode(momentoCellStore(useClients(server), 'another'))).toBe('NOT_FOUND_ERROR')
  })

  test('where the credentials cannot be had', async () => {
    const refused = new MomentoClients(() => Promise.reject(new Error('no secret')))
    for (const request of requests(momentoCellStore(refused, cacheName))) {
      const failure: unknown = await request().catch((error: unknown) => error)
      expect(failure).toBeInstanceOf(StoreError)
      expect(failure).toMatchObject({ code: 'Error', cause: new Error('no secret') })
    }
  })

  test('where no answer comes within the deadline', async () => {
    const server = await useMomentoServer()
    const store = momentoCellStore(useClients(server), cacheName)
    const held = newGate()
    onTestFinished(held.open)
    server.setFaults({ onApplied: () => held.opened })
    expect(await failureCode(store)).toBe('TIMEOUT_ERROR')
    expect(store.requestTimeoutMs).toBe(momentoRequestTimeoutMs)
  })
})

describe('the signal of an invocation', () => {
  test('aborts what is under way and all that comes after it', async () => {
    const server = await useMomentoServer()
    const clients = useClients(server)
    const invocation = new AbortController()
    const store = momentoCellStore(clients, cacheName, invocation.signal)
    const held = newGate()
    const underWay = newGate()
    onTestFinished(held.open)
    let arrived = 0
    server.setFaults({
      onApplied: () => {
        arrived++
        if (arrived === requests(store).length) underWay.open()
        return held.opened
      },
    })
    const failing = requests(store).map((request) => expect(request()).rejects.toThrow(StoreError))
    await underWay.opened
    invocation.abort()
    await Promise.all(failing)
    await Promise.all(requests(store).map((request) => expect(request()).rejects.toThrow(StoreError)))
    server.setFaults({})
    const next = momentoCellStore(clients, cacheName, new AbortController().signal)
    await expect(next.createIfAbsent('b', bytes, 60)).resolves.toBeDefined()
  })

  test('carries as many requests as an invocation makes, without a warning', async () => {
    const server = await useMomentoServer()
    const store = momentoCellStore(useClients(server), cacheName, new AbortController().signal)
    const warnings: Error[] = []
    const listen = (warning: Error): number => warnings.push(warning)
    process.on('warning', listen)
    onTestFinished(() => {
      process.off('warning', listen)
    })
    await Promise.all(Array.from({ length: 20 }, (_, index) => store.read(`a-${index}`, 'balanced')))
    expect(warnings).toEqual([])
  })
})

test('a read is bound to its consistency, a write to the balanced client', async () => {
  const server = await useMomentoServer()
  const store = momentoCellStore(useClients(server), cacheName)
  await store.createIfAbsent('a', bytes, 60)
  await store.read('a', 'balanced')
  expect(server.counters().consistentConnections).toBe(0)
  await store.read('a', 'consistent')
  expect(server.counters().consistentConnections).toBe(1)
})
