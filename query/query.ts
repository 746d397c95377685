import { setTimeout } from 'node:timers/promises'
import { Argument, Command, Option } from 'commander'
import { runCommand, timeMs } from '../command-line.ts'
import { momentoCellStore } from '../consumers/adapters/momento-cell-store.ts'
import { MomentoClients } from '../consumers/adapters/momento-clients.ts'
import { fetchMomentoCredentials } from '../consumers/adapters/secrets.ts'
import { decodeKey } from '../consumers/engine/keys.ts'
import type { Pipeline } from '../consumers/engine/pipeline.ts'
import { read } from '../consumers/engine/read.ts'
import { flights } from '../consumers/flights/pipeline.ts'
import { environmentVariable } from '../consumers/settings.ts'
import { rowsAsTable } from './table.ts'

interface Options {
  readonly group: string
  readonly key?: string
  readonly from?: number
  readonly to?: number
  readonly consistent?: true
  readonly json?: true
  readonly secret: string
  readonly cache: string
}

const pipelines: ReadonlyMap<string, Pipeline> = new Map([[flights.name, flights]])
/** Without `--from`, this many windows are read, the current one included. */
const defaultWindows = 10

const command = new Command('query')
  .description('Reads aggregates out of Momento.')
  .addArgument(new Argument('<pipeline>', 'the pipeline').choices([...pipelines.keys()]))
  .requiredOption('--group <grouping>', 'the grouping to read, such as origin')
  .option('--key <key>', 'one key only; the parts of a composite key are joined by |, such as JFK|LAX')
  .option('--from <time>', `the earliest window (default: ${defaultWindows} windows back)`, timeMs)
  .option('--to <time>', 'up to this time, exclusive (default: now)', timeMs)
  .option('--consistent', 'see every acknowledged write, at a higher price')
  .option('--json', 'print an array of rows as JSON')
  .addOption(
    new Option('--secret <arn>', 'the secret with the Momento credentials')
      .env(environmentVariable.momentoSecretArn)
      .makeOptionMandatory(),
  )
  .addOption(
    new Option('--cache <name>', 'the Momento cache')
      .env(environmentVariable.momentoCacheName)
      .makeOptionMandatory(),
  )
  .addHelpText(
    'after',
    '\nRegion, credentials and endpoints come from the standard AWS environment variables.',
  )
  .action(query)

async function query(name: string, options: Options): Promise<void> {
  const pipeline = pipelines.get(name)
  if (pipeline === undefined) throw new Error(`no pipeline ${name}`)
  if (!pipeline.groupings.includes(options.group)) {
    command.error(`error: ${name} has no grouping ${options.group}; it has ${pipeline.groupings.join(', ')}`)
  }
  const to = options.to ?? Date.now()
  const from = options.from ?? to - (defaultWindows - 1) * pipeline.window.sizeMs
  const clients = new MomentoClients(() => fetchMomentoCredentials(options.secret))
  const clock = { nowMs: () => Date.now(), sleep: async (durationMs: number) => setTimeout(durationMs) }
  try {
    const result = await read(pipeline, momentoCellStore(clients, options.cache), clock, {
      grouping: options.group,
      ...(options.key !== undefined && { key: decodeKey(options.key) }),
      from,
      to,
      consistency: options.consistent ? 'consistent' : 'balanced',
    })
    console.error(`${result.windows} windows, ${result.requests} reads`)
    if (result.incompleteWindows > 0) {
      const cause =
        result.failedRequests > 0 ? `${result.failedRequests} reads failed` : 'some cells have expired'
      console.error(`warning: ${result.incompleteWindows} windows are not complete: ${cause}`)
    }
    console.log(options.json ? JSON.stringify(result.rows, exact) : rowsAsTable(result.rows))
    if (result.failedRequests > 0) process.exitCode = 1
  } finally {
    await clients.close()
  }
}

// JSON has no bigint: a sum beyond 2^53 is written as text.
function exact(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}

await runCommand(command)
