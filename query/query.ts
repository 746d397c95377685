import { Argument, Command, Option } from 'commander'
import { runCommand, timeMs } from '../command-line.ts'
import { momentoCellStore } from '../consumers/adapters/momento-cell-store.ts'
import { MomentoClients } from '../consumers/adapters/momento-clients.ts'
import { fetchMomentoCredentials } from '../consumers/adapters/secrets.ts'
import { decodeKey } from '../consumers/engine/keys.ts'
import { read } from '../consumers/engine/read.ts'
import { streamPipelines } from '../consumers/pipelines.ts'
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

const pipelines = new Map(streamPipelines.map((pipeline) => [pipeline.name, pipeline]))
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
  if (from >= to) command.error('error: --from is not before --to')
  const clients = new MomentoClients(() => fetchMomentoCredentials(options.secret))
  const consistency = options.consistent ? 'consistent' : 'balanced'
  try {
    // What is wrong with a secret is said here; of a read it would only be said that it failed.
    await clients.get(consistency)
    const result = await read(
      pipeline,
      momentoCellStore(clients, options.cache),
      { nowMs: () => Date.now() },
      {
        grouping: options.group,
        ...(options.key !== undefined && { key: decodeKey(options.key) }),
        from,
        to,
        consistency,
      },
    )
    const { rows, windows, incompleteWindows, requests, failures } = result
    const failed = `${failures.length} of ${requests} reads failed: ${[...new Set(failures)].join(', ')}`
    // Nothing that was read is not the same as nothing that is there.
    if (requests > 0 && failures.length === requests) throw new Error(failed)
    console.error(`${windows} windows, ${requests} reads`)
    if (incompleteWindows > 0) {
      const cause = failures.length > 0 ? failed : 'cells have expired'
      console.error(`warning: ${incompleteWindows} windows are not complete: ${cause}`)
    }
    console.log(options.json ? JSON.stringify(rows, exact) : rowsAsTable(rows))
    if (failures.length > 0) process.exitCode = 1
  } finally {
    await clients.close()
  }
}

// JSON has no bigint: a sum beyond 2^53 is written as text.
function exact(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}

await runCommand(command)
