import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { momentoCellStore } from '../../../consumers/adapters/momento-cell-store.ts'
import { MomentoClients } from '../../../consumers/adapters/momento-clients.ts'
import { StoreError } from '../../../consumers/engine/errors.ts'
import type { CellStore } from '../../../consumers/engine/ports.ts'
import type { MomentoCounters } from '../../../local/momento/counters.ts'
import type { FaultSettings } from '../../../local/momento/faults.ts'
import { seededRandom } from '../../../local/momento/seeded-random.ts'
import { startMomento } from '../../../local/momento/server.ts'
import type { MomentoServer } from '../../../local/momento/server.ts'
import { statusNames } from '../../../local/momento/status-names.ts'
import { cellStoreContract } from '../../contract/cell-store.ts'
import { insistentStore } from './insistent-store.ts'
import { cacheName, credentialsFor, useClients, useMomentoServer } from './local-momento.ts'

const seed = 20_261_128
const minuteMs = 60_000

/** The statuses of which the SDK makes different errors, or which it retries. */
const statuses = statusNames.filter((name) =>
  /^(cancelled|deadline-exceeded|internal|not-found|resource-exhausted|unauthenticated|unknown)$/.test(name),
)

/** Faults that a caller who reads and asks again does not notice, and the counter that shows that they came. */
const bearable: [name: string, faults: FaultSettings, counter: keyof MomentoCounters][] = [
  ['refused', { refuseRate: 0.3 }, 'refused'],
  ['applied, and the answers lost', { loseAnswerRate: 0.3 }, 'answersLost'],
  ['over the rate', { limitRate: 0.3 }, 'limited'],
  ['applied and never answered', { holdRate: 0.04 }, 'held'],
  ['applied, and the connection cut', { cutRate: 0.1 }, 'cut'],
  ['delayed', { delayMs: 3, delayRate: 0.5 }, 'delayed'],
  ['stale', { staleRate: 1, staleForMs: minuteMs }, 'staleReads'],
  ...statuses.map((status): [string, FaultSettings, keyof MomentoCounters] => [
    `failed as ${status}`,
    { failRates: { [status]: 0.3 } },
    'refused',
  ]),
]

/** Faults that lose what was acknowledged, which no store can make up for. */
const losing: typeof bearable = [
  ['evicted', { evictRate: 0.3 }, 'evicted'],
  ['rolled back', { rollBackRate: 0.3 }, 'rolledBack'],
]

describe.each(bearable)('where some requests are %s', (name, faults, counter) => {
  let server: MomentoServer
  let clients: MomentoClients
  afterAll(async () => {
    await clients.close()
    await server.close()
  })

  cellStoreContract(`Momento, some requests ${name}`, async () => {
    let nowMs = 0
    server = await startMomento({ caches: [cacheName], nowMs: () => nowMs, random: seededRandom(seed) })
    clients = new MomentoClients(async () => credentialsFor(server.port))
    server.setFaults(faults)
    return {
      store: insistentStore(momentoCellStore(clients, cacheName)),
      advance: (durationMs) => {
        nowMs += durationMs
      },
    }
  })

  test('the fault has come', () => {
    expect(server.counters()[counter]).toBeGreaterThan(0)
  })
})

describe('in a storm of several writers', () => {
  const everything: FaultSettings = Object.assign(
    {},
    ...[...bearable, ...losing].map(([, faults]) => faults),
    {
      refuseRate: 0.05,
      loseAnswerRate: 0.05,
      limitRate: 0.05,
      holdRate: 0.01,
      failRates: { internal: 0.05 },
    },
  )

  test.each([...bearable, ...losing, ['anything of all that', everything, 'evicted'] as const])(
    '%s: each request ends, definitely or as a StoreError, and reads only what was written there',
    async (_, faults, counter) => {
      const random = seededRandom(seed)
      const server = await useMomentoServer({ random })
      const clients = useClients(server)
      server.setFaults(faults)
      const store = momentoCellStore(clients, cacheName)
      const attempted = new Map<string, Set<string>>()
      const writers = Array.from({ length: 4 }, (__, writer) => storm(store, `${writer}`, random, attempted))
      const seen = (await Promise.all(writers)).flat()
      expect(seen.length).toBeGreaterThan(0)
      for (const [address, text] of seen) expect(attempted.get(address)).toContain(text)
      expect(server.counters()[counter]).toBeGreaterThan(0)
    },
  )
})

describe('of what a cache may lose', () => {
  test('an item that was evicted is a miss, cannot be replaced, and can be created again', async () => {
    const server = await useMomentoServer()
    const store = momentoCellStore(useClients(server), cacheName)
    const hash = await store.createIfAbsent('a', Buffer.from('first'), 60)
    server.evict(cacheName, Buffer.from('a'))
    expect(await store.read('a', 'consistent')).toBeUndefined()
    expect(await store.replaceIfEqual('a', Buffer.from('second'), hash ?? Buffer.of(), 60)).toBeUndefined()
    expect(await store.createIfAbsent('a', Buffer.from('third'), 60)).toBeDefined()
  })

  test('an item that was rolled back has its earlier bytes and hash, and only by those it is replaced', async () => {
    const server = await useMomentoServer()
    const store = momentoCellStore(useClients(server), cacheName)
    onTestFinished(() => server.setFaults({}))
    const first = await store.createIfAbsent('a', Buffer.from('first'), 60)
    server.setFaults({ rollBackRate: 1 })
    const second = await store.replaceIfEqual('a', Buffer.from('second'), first ?? Buffer.of(), 60)
    server.setFaults({})
    expect(await store.read('a', 'consistent')).toEqual({
      bytes: Uint8Array.from(Buffer.from('first')),
      hash: first,
    })
    expect(await store.replaceIfEqual('a', Buffer.from('third'), second ?? Buffer.of(), 60)).toBeUndefined()
    expect(await store.replaceIfEqual('a', Buffer.from('third'), first ?? Buffer.of(), 60)).toBeDefined()
  })
})

/** Reads, creates and replaces at random, and gives back all that it read; what it tried to write is in `attempted`. */
async function storm(
  store: CellStore,
  writer: string,
  random: () => number,
  attempted: Map<string, Set<string>>,
): Promise<[address: string, text: string][]> {
  const seen: [string, string][] = []
  for (let turn = 0; turn < 30; turn++) {
    const address = `address ${Math.floor(random() * 3)}`
    const text = `${writer}, turn ${turn}, of ${address}`
    attempted.set(address, (attempted.get(address) ?? new Set()).add(text))
    try {
      const found = await store.read(address, random() < 0.5 ? 'balanced' : 'consistent')
      if (found === undefined) await store.createIfAbsent(address, Buffer.from(text), 60)
      else {
        seen.push([address, Buffer.from(found.bytes).toString()])
        await store.replaceIfEqual(address, Buffer.from(text), found.hash, 60)
      }
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
    }
  }
  return seen
}
