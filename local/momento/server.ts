import { createServer } from 'node:net'
import type { Server as TcpServer, Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import { Server, ServerCredentials } from '@grpc/grpc-js'
import { requireApiKey } from './api-key.ts'
import { serveControl } from './control.ts'
import { newCounters, snapshotCounters } from './counters.ts'
import type { MomentoCounters } from './counters.ts'
import { dataMethods } from './data-methods.ts'
import type { DataPlane } from './data-plane.ts'
import { checkFaults } from './faults.ts'
import type { MomentoFaults } from './faults.ts'
import { Caches } from './storage.ts'

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
  const { apiKeys } = options
  const caches = new Caches(nowMs)
  for (const name of cacheNames) caches.create(name)
  const counters = newCounters()
  const plane: DataPlane = { caches, counters, random, consistentPeers: new Set(), faults: {} }

  const grpc = new Server({
    'grpc.max_receive_message_length': messageLimitBytes,
    'grpc.enable_channelz': 0,
    interceptors:
      apiKeys === undefined ? [] : [requireApiKey(apiKeys, () => void (counters.unauthenticated += 1))],
  })
  for (const method of dataMethods) method.serve(grpc, plane)
  serveControl(grpc, caches, counters)

  // The listener is ours and not gRPC's, so that connections are counted, and ended, exactly.
  const injector = grpc.createConnectionInjector(ServerCredentials.createInsecure())
  const sockets = new Set<Socket>()
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
      plane.faults = faults
    },
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
