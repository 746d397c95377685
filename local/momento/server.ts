import { createServer } from 'node:net'
import type { Server as TcpServer, Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import { ServerCredentials } from '@grpc/grpc-js'
import { gateInterceptor, isDataPath } from './call-gate.ts'
import { ClientFaults } from './client-faults.ts'
import { serveControl } from './control.ts'
import { methodCells, newCounters, snapshotCounters } from './counters.ts'
import type { CounterCells, MomentoCounters } from './counters.ts'
import { dataMethods } from './data-methods.ts'
import type { DataPlane } from './data-plane.ts'
import { checkFaults } from './faults.ts'
import type { MomentoFaults } from './faults.ts'
import { ItemFaults } from './item-faults.ts'
import { MeteredServer } from './metered-server.ts'
import type { Meter } from './metered-server.ts'
import { rateLimits } from './rate-limits.ts'
import type { RateLimits, RateLimitSettings } from './rate-limits.ts'
import { Caches } from './storage.ts'
import { methodName } from './unary.ts'

const loopback = '127.0.0.1'

/** The largest message that the SDK sends: a value over the item limit has to arrive to be refused as one. */
const messageLimitBytes = 10_486_000

/** How to start a local Momento. */
export interface MomentoOptions {
  /** Default 0: any free port. */
  readonly port?: number
  /** Clock of the times to live, of any origin, with fractions. Default: the process's monotonic clock. */
  readonly nowMs?: () => number
  /** Caches that exist from the start. Default none. */
  readonly caches?: readonly string[]
  /** Source of the faults' draws, in [0, 1). Default `Math.random`; a seeded one makes faults repeatable. */
  readonly random?: () => number
  /**
   * Keys of which every call must carry one, data and control alike; read at each call, so later changes show. Default:
   * every call passes, as it has to for a client of `forMomentoLocal`, which carries none.
   */
  readonly apiKeys?: ReadonlySet<string>
  /** Keys that may only read, as `apiKeys`; anything else with them is PERMISSION_DENIED. */
  readonly readOnlyApiKeys?: ReadonlySet<string>
  /** Default: no limits. They follow `nowMs`. */
  readonly limits?: RateLimitSettings
  /** The timer of delays: runs `callback` once after `ms`, unless what it returned is called. Default `setTimeout`. */
  readonly after?: (ms: number, callback: () => void) => () => void
}

/** A running local Momento. */
export interface MomentoServer {
  readonly hostname: string
  readonly port: number
  counters(): MomentoCounters
  /**
   * Replaces all faults, for calls that arrive from now on; `{}` ends them. Throws a RangeError for rates that are not
   * shares of 1.
   */
  setFaults(faults: MomentoFaults): void
  /** Loses an item, as a cache may; whether there was one, or `undefined` where there is no such cache. */
  evict(cache: string, key: Uint8Array): boolean | undefined
  cacheNames(): string[]
  /** Creates a cache unless it exists. */
  createCache(name: string): void
  /** Cuts every connection, calls in flight included, and closes the port; the caches keep their items. */
  goOffline(): Promise<void>
  /** Opens the same port again, unless the server is closed. Rejects when somebody else took it meanwhile. */
  goOnline(): Promise<void>
  /** Ends every connection, calls in flight included, and frees the port. */
  close(): Promise<void>
}

/**
 * Starts a server that `@gomomento/sdk` takes for the service, on loopback and without TLS, data and control plane on
 * one port: the target of `CredentialProvider.forMomentoLocal({ hostname, port })`. Methods not served are
 * UNIMPLEMENTED. Rejects when the port is taken.
 */
export async function startMomento(options: MomentoOptions = {}): Promise<MomentoServer> {
  const { port = 0, nowMs = () => performance.now(), caches: cacheNames = [], random = Math.random } = options
  const { apiKeys: full, readOnlyApiKeys: readOnly, after = afterTimeout } = options
  const limits = rateLimits(options.limits ?? {}, nowMs)
  const caches = new Caches(nowMs)
  for (const name of cacheNames) caches.create(name)
  const counters = newCounters()
  const itemFaults = new ItemFaults(counters, nowMs, random)
  const plane: DataPlane = {
    caches,
    counters,
    itemFaults,
    random,
    consistentPeers: new Set(),
    faults: undefined,
  }
  const sockets = new Set<Socket>()
  const noKeys: ReadonlySet<string> = new Set()

  const gate = gateInterceptor({
    keys:
      full === undefined && readOnly === undefined
        ? undefined
        : { full: full ?? noKeys, readOnly: readOnly ?? noKeys },
    limits,
    counters,
    clientFaults: new ClientFaults(),
    faults: () => plane.faults,
    random,
    after,
    cut: (peer) => {
      for (const socket of sockets) if (peerOf(socket) === peer) socket.destroy()
    },
  })
  const grpc = new MeteredServer(
    {
      'grpc.max_receive_message_length': messageLimitBytes,
      'grpc.enable_channelz': 0,
      interceptors: [gate],
    },
    meter(counters, limits),
  )
  for (const method of dataMethods) method.serve(grpc, plane)
  serveControl(grpc, caches)

  // The listener is ours and not gRPC's, so that connections are counted, and ended, exactly.
  const injector = grpc.createConnectionInjector(ServerCredentials.createInsecure())
  const listener = createServer((socket) => {
    counters.connections += 1
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    injector.injectConnection(socket)
  })
  const boundPort = await listen(listener, port)

  // One after the other, so that a port that is just being opened is closed too.
  let turn = Promise.resolve()
  const inTurn = (step: () => Promise<void>): Promise<void> => (turn = turn.then(step, step))
  const disconnect = (): Promise<void> =>
    new Promise((resolve, reject) => {
      if (!listener.listening) return resolve()
      listener.close((error) => (error === undefined ? resolve() : reject(error)))
      for (const socket of sockets) socket.destroy()
    })

  let closed: Promise<void> | undefined
  const close = (): Promise<void> => {
    grpc.forceShutdown()
    return inTurn(disconnect)
  }

  return {
    hostname: loopback,
    port: boundPort,
    counters: () => snapshotCounters(counters),
    setFaults: (faults) => {
      checkFaults(faults)
      itemFaults.set(faults)
      plane.faults = Object.keys(faults).length === 0 ? undefined : faults
    },
    evict: (cache, key) => {
      const items = caches.find(cache)
      const isThere = items && items.kindOf(key) !== undefined
      items?.delete(key)
      return isThere
    },
    cacheNames: () => caches.names(),
    createCache: (name) => {
      caches.create(name)
    },
    goOffline: () => inTurn(disconnect),
    goOnline: () =>
      inTurn(async () => {
        if (closed === undefined && !listener.listening) await listen(listener, boundPort)
      }),
    close: () => (closed ??= close()),
  }
}

function listen(listener: TcpServer, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    listener.once('error', reject)
    listener.listen({ host: loopback, port }, () => {
      listener.off('error', reject)
      const address = listener.address()
      if (address !== null && typeof address !== 'string') resolve(address.port)
      else reject(new Error('the listener has no port'))
    })
  })
}

/** Weighs every message, and counts those of the data plane against the limit. */
function meter(counters: CounterCells, limits: RateLimits): Meter {
  const weigh =
    (direction: 'bytesIn' | 'bytesOut') =>
    (path: string): ((bytes: number) => void) => {
      const cells = methodCells(counters, methodName({ path }))
      const isData = isDataPath(path)
      return (bytes) => {
        cells[direction] += bytes
        if (isData) limits.spend(bytes)
      }
    }
  return { received: weigh('bytesIn'), sent: weigh('bytesOut') }
}

/** The other end, as gRPC writes it. */
function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress}:${remotePort}`
}

function afterTimeout(ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, ms)
  return () => clearTimeout(timer)
}
