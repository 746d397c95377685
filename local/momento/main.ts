import { Command, InvalidArgumentError } from 'commander'
import { runCommand, wholeNumberFrom } from '../../command-line.ts'
import { startControlPort } from './control-port.ts'
import type { ControlPort } from './control-port.ts'
import { startMomento } from './server.ts'
import type { MomentoServer } from './server.ts'

interface Options {
  readonly port: number
  readonly controlPort: number
  readonly apiKey?: string
  readonly readOnlyApiKey?: string
  readonly cache: readonly string[]
  readonly operationsPerSecond?: number
  readonly bytesPerSecond?: number
  readonly controlOperationsPerSecond?: number
}

/** Where momento-local listens, and its clients look. */
const defaultPort = 8080
const largestPort = 65_535
/** Each of these ends the server in order. */
const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

const command = new Command('npm run momento --')
  .description('Runs a Momento cache on this machine, in memory, for any Momento client, until Ctrl-C.')
  .option('--port <port>', 'where clients find it; 0 is any free port', portNumber, defaultPort)
  .option('--cache <name>', 'a cache that is there from the start; may be repeated', collect, [])
  .option('--api-key <key>', 'refuse whoever does not carry this key (default: everybody passes)', notEmpty)
  .option('--read-only-api-key <key>', 'let whoever carries this key read, but not write', notEmpty)
  .option('--operations-per-second <count>', 'refuse data calls beyond', wholeNumberFrom(1))
  .option('--bytes-per-second <count>', 'refuse data calls beyond, in and out', wholeNumberFrom(1))
  .option('--control-operations-per-second <count>', 'refuse control calls beyond', wholeNumberFrom(1))
  .option('--control-port <port>', 'HTTP for counters and faults; 0 is any free port', portNumber, 0)
  .addHelpText(
    'after',
    '\nWhen it is ready, stdout gets one line, an object of JSON: {hostname, port, controlPort, caches}.',
  )
  .action(serve)

async function serve(options: Options): Promise<void> {
  const interrupted = new Promise<void>((resolve) => {
    for (const name of endings) process.once(name, () => resolve())
  })
  const { momento, control } = await start(options)
  // Whoever read the line may have gone.
  process.stdout.on('error', () => undefined)
  const { hostname, port } = momento
  const caches = momento.cacheNames()
  console.log(JSON.stringify({ hostname, port, controlPort: control.port, caches }))
  console.error(`Momento on ${hostname}:${port}, counters and faults on http://${hostname}:${control.port}`)
  await interrupted
  await Promise.all([momento.close(), control.close()])
}

async function start(options: Options): Promise<{ momento: MomentoServer; control: ControlPort }> {
  const { port, controlPort, apiKey, readOnlyApiKey, cache } = options
  const { operationsPerSecond, bytesPerSecond, controlOperationsPerSecond } = options
  const momento = await startMomento({
    port,
    caches: cache,
    ...(apiKey !== undefined && { apiKeys: new Set([apiKey]) }),
    ...(readOnlyApiKey !== undefined && { readOnlyApiKeys: new Set([readOnlyApiKey]) }),
    limits: {
      ...(operationsPerSecond !== undefined && { operationsPerSecond }),
      ...(bytesPerSecond !== undefined && { bytesPerSecond }),
      ...(controlOperationsPerSecond !== undefined && { controlOperationsPerSecond }),
    },
  }).catch((error: unknown) => refusePort(port, error))
  try {
    return { momento, control: await startControlPort(momento, controlPort) }
  } catch (error) {
    await momento.close()
    return refusePort(controlPort, error)
  }
}

function refusePort(port: number, error: unknown): never {
  const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
  throw isTaken ? new Error(`port ${port} is in use`, { cause: error }) : error
}

function portNumber(text: string): number {
  const value = wholeNumberFrom(0)(text)
  if (value <= largestPort) return value
  throw new InvalidArgumentError(`It is a port of at most ${largestPort}.`)
}

function collect(name: string, names: readonly string[]): readonly string[] {
  return [...names, notEmpty(name)]
}

/** An unset variable of a shell is often an empty text: as a key it would let everybody in. */
function notEmpty(text: string): string {
  if (text.trim() !== '') return text
  throw new InvalidArgumentError('It is empty.')
}

await runCommand(command)
