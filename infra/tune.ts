import { Command, InvalidArgumentError } from 'commander'
import { runCommand, share, wholeNumberFrom } from '../command-line.ts'
import { tuningAsText } from './tuning/as-text.ts'
import { comparedPaces } from './tuning/backlog-pace.ts'
import type { ServiceTimes } from './tuning/service-times.ts'
import { tune, TuningError, type Workload } from './tuning/tune.ts'

interface Options {
  readonly peak: number
  readonly mean?: number
  readonly recordBytes: number
  readonly lagTarget: number
  readonly keys: number
  readonly busiestKey?: number
  readonly batchMs: number
  readonly recordMs: number
  readonly measure?: true
  readonly readers?: number
  readonly shards?: number
  readonly memory?: number
  readonly momentoOperationsPerSecond?: number
  readonly requestsPerBatch?: number
  readonly cellBytes?: number
  readonly json?: true
}

const atLeastOne = wholeNumberFrom(1)
const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 }

const command = new Command('tune')
  .description('Recommends shards, lanes, batches and limits for a load, and says what limits it.')
  .requiredOption('--peak <n>', 'records a second of the whole stream, in its busiest minutes', atLeastOne)
  .option('--mean <n>', 'records a second over a day (default: a quarter of the peak)', positive)
  .requiredOption('--record-bytes <n>', 'of a record, with its partition key', atLeastOne)
  .requiredOption('--lag-target <time>', 'how old a record may be when it is counted, such as 5s', durationMs)
  .option('--keys <n>', 'different partition keys', atLeastOne, 10_000)
  .option('--busiest-key <share>', 'of the records, such as 5% (default: all keys are equally busy)', share)
  .option('--batch-ms <ms>', 'what a batch takes, however many records it has', positive, 20)
  .option('--record-ms <ms>', 'what each of its records takes on top', positive, 0.08)
  .option('--measure', 'measure these two on the local stack, with the flights, which takes a minute')
  .option('--readers <n>', 'mappings that read the stream, this one included (default: 1)', atLeastOne)
  .option('--shards <n>', 'that the stream has (default: as many as it takes)', atLeastOne)
  .option('--memory <MB>', 'that the function has (default: 512, or what it takes)', wholeNumberFrom(128))
  .option('--momento-operations-per-second <n>', "Momento's limit (default: 100)", atLeastOne)
  .option('--requests-per-batch <n>', 'Momento requests of a batch (default: 2)', positive)
  .option('--cell-bytes <n>', 'of a cell; describe estimates it (default: 32768)', atLeastOne)
  .option('--json', 'print the recommendation as JSON')
  .addHelpText('after', '\nTimes are those of a whole CPU, as a process on a laptop has: 1,769 MB in Lambda.')
  .action(run)

async function run(options: Options): Promise<void> {
  const measured = options.measure && (await measureServiceTimes())
  const workload = workloadOf(options, measured)
  try {
    const tuning = tune(workload)
    if (!options.json) return console.log(tuningAsText(workload, tuning))
    console.log(JSON.stringify({ workload, ...tuning, backlogPaces: comparedPaces(workload, tuning) }))
  } catch (error) {
    // A number outside its range is wrong usage where the options alone do not show it.
    if (error instanceof TuningError && error.isOfInput) command.error(`error: ${error.message}`)
    throw error
  }
}

async function measureServiceTimes(): Promise<ServiceTimes> {
  const { measureFlights } = await import('./tuning/measure.ts')
  const times = await measureFlights((text) => console.error(text))
  console.error(
    `measured: ${times.batchMs.toFixed(1)} ms a batch and ${times.recordMs.toFixed(3)} ms a record, ` +
      `${times.requestsPerBatch.toFixed(1)} requests a batch, by ${times.invocations} invocations`,
  )
  return times
}

function workloadOf(options: Options, measured: ServiceTimes | undefined): Workload {
  const given = {
    busiestKeyShare: options.busiestKey,
    readers: options.readers,
    shardCount: options.shards,
    memoryMb: options.memory,
    momentoOperationsPerSecond: options.momentoOperationsPerSecond,
    requestsPerBatch: options.requestsPerBatch ?? measured?.requestsPerBatch,
    cellBytes: options.cellBytes,
  }
  return {
    meanRecordsPerSecond: options.mean ?? options.peak / 4,
    peakRecordsPerSecond: options.peak,
    recordBytes: options.recordBytes,
    partitionKeys: options.keys,
    batchMs: measured?.batchMs ?? options.batchMs,
    recordMs: measured?.recordMs ?? options.recordMs,
    lagTargetMs: options.lagTarget,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  }
}

function positive(text: string): number {
  const value = Number(text)
  if (/^\d*\.?\d+$/.test(text) && value > 0) return value
  throw new InvalidArgumentError('It is a number above 0.')
}

function durationMs(text: string): number {
  const [, digits, unit = ''] = /^(\d{1,6})(ms|s|m)$/.exec(text) ?? []
  const unitMs = unitsMs[unit]
  if (unitMs !== undefined && Number(digits) > 0) return Number(digits) * unitMs
  throw new InvalidArgumentError('It is a time such as 500ms, 5s or 1m.')
}

// The AWS SDK would say in every process that it will ask for Node 22 one day.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true'

await runCommand(command)
