import { Argument, Command, Option } from 'commander'
import { runCommand, timeMs, wholeNumberFrom } from '../command-line.ts'
import { decodeKey } from '../consumers/engine/keys.ts'
import type { Pipeline } from '../consumers/engine/pipeline.ts'
import { wholeSinceMs } from '../consumers/engine/windows.ts'
import { environmentVariable } from '../consumers/settings.ts'
import { rowsAsCsv } from './csv.ts'
import { pipelines } from './pipelines.ts'
import { rowsAsTable } from './table.ts'

interface Options {
  readonly group: string
  readonly key?: string
  readonly from?: number
  readonly to?: number
  readonly total?: true
  readonly top?: number
  readonly by?: string
  readonly consistent?: true
  readonly json?: true
  readonly csv?: true
  readonly secret: string
  readonly cache: string
}

/** Without `--from`, this many windows are read, the current one included; more where even one moment is in more. */
const defaultWindows = 10
/** Results that are not one number, so that nothing can be ranked by them. */
const nestedKinds = /^(histogram|quantiles)/

const command = new Command('query')
  .description('Reads aggregates out of Momento.')
  .addArgument(new Argument('<pipeline>', 'the pipeline').choices([...pipelines.keys()]))
  .requiredOption('--group <grouping>', 'the grouping to read, such as origin')
  .option('--key <key>', 'one key only; the parts of a composite key are joined by |, such as JFK|LAX')
  .option('--from <time>', `the earliest window (default: ${defaultWindows} windows back)`, timeMs)
  .option('--to <time>', 'up to this time, exclusive (default: now)', timeMs)
  .option('--total', 'the whole range as one window (default: from what the cache still holds all of)')
  .option('--consistent', 'see every acknowledged write, at a higher price')
  .option(
    '--top <groups>',
    'of each window only so many groups, those with the most (needs --by)',
    wholeNumberFrom(1),
  )
  .option('--by <measure>', 'the measure of which --top takes the largest')
  .addOption(new Option('--json', 'print an array of rows as JSON').conflicts('csv'))
  .option('--csv', 'print rows as CSV with a header; parts of a result are columns such as delays.p50')
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
  const measures = pipeline.keptMeasures[pipeline.groupings.indexOf(options.group)]
  if (measures === undefined) {
    refuse(`${name} has no grouping ${options.group}; it has ${pipeline.groupings.join(', ')}`)
  }
  const top = topOf(pipeline, options)
  const nowMs = Date.now()
  const { sizeMs, periodMs } = pipeline.window
  const to = options.to ?? nowMs
  const lastWindows = to - Math.max(1, defaultWindows * periodMs - sizeMs)
  const from = options.from ?? (options.total ? wholeSinceMs(nowMs, pipeline) : lastWindows)
  if (from >= to) refuse('--from is not before --to')
  // Loaded once there is something to read: help and wrong usage need none of the clients.
  const { MomentoReader } = await import('../consumers/adapters/momento-reader.ts')
  const reader = new MomentoReader({ secretArn: options.secret, cacheName: options.cache })
  try {
    const result = await reader.read(pipeline, {
      grouping: options.group,
      ...(options.key !== undefined && { key: decodeKey(options.key) }),
      ...(top !== undefined && { top }),
      from,
      to,
      total: options.total === true,
      consistency: options.consistent ? 'consistent' : 'balanced',
    })
    const { rows, windows, incompleteWindows, requests, failures } = result
    const failed = `${failures.length} of ${requests} reads failed: ${[...new Set(failures)].join(', ')}`
    // Nothing that was read is not the same as nothing that is there.
    if (requests > 0 && failures.length === requests) throw new Error(failed)
    console.error(`${amount(windows, 'window')}, ${amount(requests, 'read')}`)
    if (options.total && pipeline.retracts) {
      const since = new Date(Math.floor(from / periodMs) * periodMs).toISOString()
      console.error(`what has changed since ${since}: rows that were last changed before are not in it`)
    }
    if (incompleteWindows > 0) {
      const cause =
        failures.length > 0 ? failed : 'cells have expired, or an earlier definition did not keep all of this'
      console.error(`warning: ${amount(incompleteWindows, 'window')} not complete: ${cause}`)
    }
    const names = measures.map((measure) => measure.name)
    if (options.json) console.log(JSON.stringify(rows, exact))
    // The line break is added to it, and in CSV that is two characters.
    else if (options.csv) console.log(`${rowsAsCsv(options.group, names, rows)}\r`)
    else console.log(rowsAsTable(measures, rows))
    if (failures.length > 0) process.exitCode = 1
  } finally {
    await reader.close()
  }
}

function amount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

function topOf(
  { name, groupings, keptMeasures }: Pipeline,
  { group, key, top, by }: Options,
): { readonly groups: number; readonly by: string } | undefined {
  if (top === undefined && by === undefined) return undefined
  if (top === undefined || by === undefined) refuse('--top and --by go together')
  if (key !== undefined) refuse('--top takes groups among all of them, and --key reads one')
  const ranking = (keptMeasures[groupings.indexOf(group)] ?? [])
    .filter(({ kind }) => !nestedKinds.test(kind))
    .map((measure) => measure.name)
  if (!ranking.includes(by)) {
    refuse(`${name} keeps no measure ${by} to rank ${group} by; it keeps ${ranking.join(', ')}`)
  }
  return { groups: top, by }
}

function refuse(message: string): never {
  return command.error(`error: ${message}`)
}

// JSON has no bigint: a sum beyond 2^53 is written as text.
function exact(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}

await runCommand(command)
