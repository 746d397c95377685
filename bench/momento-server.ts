import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { cache } from '@gomomento/generated-types'
import { Client, credentials, Metadata, Server, ServerCredentials } from '@grpc/grpc-js'
import type { UnaryDefinition } from '../local/momento/unary.ts'
import { startMomento } from '../local/momento/server.ts'
import { hashOfValue } from '../local/momento/value-hash.ts'
import { CacheItems } from '../local/momento/storage.ts'

// How many calls a second the local Momento answers, beside a gRPC server that has the same messages, reads each and
// answers always the same: what our server costs on top of gRPC. Both and the client are processes of their own.

const scs = cache.cache_client
const { definition } = scs.UnimplementedScsService
const atOnce = [1, 16, 128] as const
const rounds = 20
const quickRounds = 4
const callsPerRound = 1_000
const keyCount = 64
const valueBytes = 4_096
const ttlMs = 3_600_000
const smallItems = 1_000_000
const smallValueBytes = 16

const value = Buffer.alloc(valueBytes, 7)
const hash = hashOfValue(value)
const keys = Array.from({ length: keyCount }, (_, index) => Buffer.from(`flights:cell:${index}`))

/** A kind of call: one request a key, and what a server that does not look answers. */
interface Kind {
  readonly name: string
  readonly path: string
  readonly requests: readonly Uint8Array[]
  readonly answerAlike: (server: Server) => void
}

const kinds: readonly Kind[] = [
  {
    name: 'get, 4 KB',
    path: definition.Get.path,
    requests: keys.map((cache_key) => new scs._GetRequest({ cache_key }).serializeBinary()),
    answerAlike: answering(
      definition.Get,
      new scs._GetResponse({ result: scs.ECacheResult.Hit, cache_body: value }),
    ),
  },
  {
    name: 'conditional write, 4 KB',
    path: definition.SetIfHash.path,
    requests: keys.map((cache_key) =>
      scs._SetIfHashRequest
        .fromObject({
          cache_key,
          cache_body: value,
          ttl_milliseconds: ttlMs,
          present_and_hash_equal: { hash_to_check: hash },
        })
        .serializeBinary(),
    ),
    answerAlike: answering(
      definition.SetIfHash,
      scs._SetIfHashResponse.fromObject({ stored: { new_hash: hash } }),
    ),
  },
  {
    name: 'increment',
    path: definition.Increment.path,
    requests: keys.map((cache_key) =>
      new scs._IncrementRequest({
        cache_key: Buffer.concat([cache_key, Buffer.from(':n')]),
        amount: 1,
        ttl_milliseconds: ttlMs,
      }).serializeBinary(),
    ),
    answerAlike: answering(definition.Increment, new scs._IncrementResponse({ value: 1_000 })),
  },
]
const seeds = keys.map((cache_key) =>
  new scs._SetRequest({ cache_key, cache_body: value, ttl_milliseconds: ttlMs }).serializeBinary(),
)

const { quick, role } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, role: { type: 'string' } },
}).values

if (role === 'momento') serveMomento()
else if (role === 'constant') serveConstant()
else if (role === 'client') callServers()
else if (role === 'memory') fillMemory()
else await measure(quick ? quickRounds : rounds)

/** Lets both servers answer in turn and prints a row for each kind and number of calls at once. */
async function measure(roundCount: number): Promise<void> {
  const [momento, constant, client, memory] = ['momento', 'constant', 'client', 'memory'].map((name) =>
    fork(import.meta.filename, ['--role', name]),
  ) as [ChildProcess, ChildProcess, ChildProcess, ChildProcess]
  for (const child of [momento, constant, client, memory]) {
    // The others end with this process, as they are disconnected from it.
    child.once('exit', (code) => {
      if (code !== 0) throw new Error(`a process of the benchmark has ended with ${code}`)
    })
  }
  const [ourPort, otherPort, , perItemBytes] = await Promise.all(
    [momento, constant, client, memory].map((child) => next<number>(child)),
  )
  await ask(client, { kind: -1, port: ourPort, calls: seeds.length, atOnce: 1 })
  console.log(
    '| call | at once | calls/s, ours | constant | ratio | server CPU, us a call, ours | constant | ratio |',
  )
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- |')
  for (const [kind, { name }] of kinds.entries()) {
    for (const concurrent of atOnce) {
      const sums = { ours: newSum(), constant: newSum() }
      // The first round warms up.
      for (let round = 0; round <= roundCount; round++) {
        for (const [sum, server, port] of [
          [sums.ours, momento, ourPort],
          [sums.constant, constant, otherPort],
        ] as const) {
          const cpuBeforeUs = await ask<number>(server, {})
          const elapsedMs = await ask<number>(client, {
            kind,
            port,
            calls: callsPerRound,
            atOnce: concurrent,
          })
          if (round === 0) continue
          sum.cpuUs += (await ask<number>(server, {})) - cpuBeforeUs
          sum.elapsedMs += elapsedMs
        }
      }
      printRow(name, concurrent, roundCount * callsPerRound, sums)
    }
  }
  const perItem = Math.round(perItemBytes ?? Number.NaN)
  console.log(
    `\n${smallItems.toLocaleString('en')} items of 16 bytes: ${perItem} bytes of resident memory each`,
  )
  for (const child of [momento, constant, client, memory]) child.disconnect()
}

interface Sum {
  elapsedMs: number
  cpuUs: number
}

function newSum(): Sum {
  return { elapsedMs: 0, cpuUs: 0 }
}

function printRow(
  name: string,
  concurrent: number,
  calls: number,
  { ours, constant }: { readonly ours: Sum; readonly constant: Sum },
): void {
  const perSecond = ({ elapsedMs }: Sum): string =>
    Math.round((calls / elapsedMs) * 1_000).toLocaleString('en')
  const cpuUs = (sum: Sum): string => (sum.cpuUs / calls).toFixed(0)
  const row = [
    name,
    concurrent,
    perSecond(ours),
    perSecond(constant),
    percent(constant.elapsedMs / ours.elapsedMs),
    cpuUs(ours),
    cpuUs(constant),
    percent(constant.cpuUs / ours.cpuUs),
  ]
  console.log(`| ${row.join(' | ')} |`)
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}

async function next<Answer>(child: ChildProcess): Promise<Answer> {
  const [message] = (await once(child, 'message')) as [Answer]
  return message
}

function ask<Answer>(child: ChildProcess, request: object): Promise<Answer> {
  const answer = next<Answer>(child)
  child.send(request)
  return answer
}

/** The local Momento; says its port, and then at each message the CPU time of its process so far. */
function serveMomento(): void {
  void startMomento({ caches: ['cache'] }).then((server) => {
    sayCpuTime(server.port)
    return process.on('disconnect', () => void server.close())
  })
}

/** A server that reads what comes and answers always the same. */
function serveConstant(): void {
  const server = new Server({ 'grpc.enable_channelz': 0 })
  for (const { answerAlike } of kinds) answerAlike(server)
  server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
    if (error !== null) throw error
    sayCpuTime(port)
  })
  process.on('disconnect', () => server.forceShutdown())
}

function sayCpuTime(port: number): void {
  process.send?.(port)
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    process.send?.(user + system)
  })
}

function answering<Request, Response>(
  { path, requestDeserialize, responseSerialize }: UnaryDefinition<Request, Response>,
  response: Response,
): (server: Server) => void {
  return (server) => {
    server.register<Request, Response>(
      path,
      (_: unknown, send: (error: null, answer: Response) => void) => send(null, response),
      responseSerialize,
      requestDeserialize,
      'unary',
    )
  }
}

interface Load {
  /** Of `kinds`; -1 writes the values. */
  readonly kind: number
  readonly port: number
  readonly calls: number
  readonly atOnce: number
}

/** A gRPC client without the SDK around it, whose messages are bytes already: says how long the calls took. */
function callServers(): void {
  const clients = new Map<number, Client>()
  const metadata = new Metadata()
  metadata.set('cache', 'cache')
  process.on('message', ({ kind, port, calls, atOnce: concurrent }: Load) => {
    const client = clients.get(port) ?? new Client(`127.0.0.1:${port}`, credentials.createInsecure())
    clients.set(port, client)
    const { path, requests } = kinds[kind] ?? { path: definition.Set.path, requests: seeds }
    let [begun, ended] = [0, 0]
    const startMs = performance.now()
    const begin = (): void => {
      if (begun === calls) return
      const request = requests[begun++ % requests.length] ?? new Uint8Array()
      client.makeUnaryRequest(path, asIs, asIs, request, metadata, (error) => {
        if (error !== null) throw error
        if (++ended === calls) process.send?.(performance.now() - startMs)
        else begin()
      })
    }
    for (let index = 0; index < concurrent; index++) begin()
  })
  process.on('disconnect', () => {
    for (const client of clients.values()) client.close()
  })
  process.send?.(0)
}

function asIs(message: Uint8Array): Buffer {
  return Buffer.from(message.buffer, message.byteOffset, message.byteLength)
}

/** Says how many bytes of resident memory an item takes. */
function fillMemory(): void {
  const items = new CacheItems(() => performance.now())
  const beforeBytes = process.memoryUsage.rss()
  for (let index = 0; index < smallItems; index++) {
    items.write(Buffer.from(`key:${index}`), Buffer.alloc(smallValueBytes, index), ttlMs)
  }
  process.send?.((process.memoryUsage.rss() - beforeBytes) / items.heldItems)
  process.once('disconnect', () => undefined)
}
