import { Argument, Command, InvalidArgumentError } from 'commander'
import { runCommand, wholeNumberFrom } from '../command-line.ts'
import { describe, type Description } from '../consumers/engine/describe.ts'
import { pipelines } from './pipelines.ts'

interface Options {
  readonly recordsPerSecond: number
  readonly shards: number
  readonly groups: number | Readonly<Record<string, number>>
  readonly batchingWindow: number
  readonly batchSize: number
  readonly lanes: number
  readonly otherPartitionKey?: true
  readonly json?: true
}

const atLeastOne = wholeNumberFrom(1)

const command = new Command('describe')
  .description(
    'Estimates what a pipeline stores, requests and costs under a load, and says what would not work.',
  )
  .addArgument(new Argument('<pipeline>', 'the pipeline').choices([...pipelines.keys()]))
  .requiredOption('--records-per-second <n>', 'events of the whole stream', atLeastOne)
  .requiredOption('--shards <n>', 'shards of the stream', atLeastOne)
  .requiredOption(
    '--groups <n>',
    'different keys in a pane: of every grouping, or of each, such as origin=300,route=3000',
    groupCounts,
  )
  .option('--batching-window <ms>', "the mapping's batching window", wholeNumberFrom(0), 1_000)
  .option('--batch-size <n>', "the mapping's batch size, records", atLeastOne, 1_000)
  .option('--lanes <n>', "the mapping's parallelization factor: lanes a shard", atLeastOne, 1)
  .option('--other-partition-key', 'producers do not partition by what the pipeline is bucketed by')
  .option('--json', 'print the estimate as JSON')
  .action(run)

function run(name: string, options: Options): void {
  const pipeline = pipelines.get(name)
  if (pipeline === undefined) throw new Error(`no pipeline ${name}`)
  const { groupings } = pipeline
  const unknown = typeof options.groups === 'number' ? [] : Object.keys(options.groups)
  const wrong = unknown.find((grouping) => !groupings.includes(grouping))
  if (wrong !== undefined)
    command.error(`error: ${name} has no grouping ${wrong}; it has ${groupings.join(', ')}`)
  const description = describe(pipeline, {
    recordsPerSecond: options.recordsPerSecond,
    shards: options.shards,
    groups: options.groups,
    batchingWindowMs: options.batchingWindow,
    batchSize: options.batchSize,
    parallelizationFactor: options.lanes,
    isPartitionedOtherwise: options.otherPartitionKey === true,
  })
  console.log(options.json ? JSON.stringify(description) : asText(description, pipeline.bucketBy))
}

function asText(
  { cell, batch, read, instance, warnings }: Description,
  bucketBy: string | undefined,
): string {
  const parts: readonly (readonly [title: string, facts: readonly (readonly [string, string])[]])[] = [
    [
      'a cell, when its pane is over',
      [
        ['events', short(cell.events)],
        ['groups', short(cell.groups)],
        ['head', `${size(cell.headBytes)} at its largest, ${size(cell.meanHeadBytes)} on average`],
        ['segments', `${short(cell.segments)}, and up to ${short(cell.activeIds)} ids in the head`],
      ],
    ],
    [
      'a batch',
      [
        ['records', `${short(batch.records)}, ${short(batch.perSecond)} batches a second`],
        ['cells', short(batch.cells)],
        ['lanes that share one', short(batch.lanesPerCell)],
        [
          'store requests',
          `${short(batch.requests)}, ${Math.round(batch.storedShare * 100)} % of swaps stored`,
        ],
        ['written a record', size(batch.bytesPerRecord)],
      ],
    ],
    [
      'requests to read a window',
      [
        ...(read.bucketedKey === undefined
          ? []
          : [[`a key of ${bucketBy}`, short(read.bucketedKey)] as const]),
        [bucketBy === undefined ? 'any key, or all' : 'another key, or all', short(read.allBuckets)],
      ],
    ],
    [
      'an instance',
      [
        ['at the same time', short(instance.count)],
        ['copies of cells', size(instance.warmBytes)],
        ['segments re-read', `${short(instance.segmentReadsPerSecond)} a second, by all of them`],
      ],
    ],
  ]
  const width = Math.max(...parts.flatMap(([, facts]) => facts.map(([name]) => name.length)))
  const lines = parts.flatMap(([title, facts]) => [
    title,
    ...facts.map(([name, fact]) => `  ${name.padEnd(width)}  ${fact}`),
  ])
  const advice = warnings.length === 0 ? ['nothing to warn of'] : warnings.map((text) => `warning: ${text}`)
  return [...lines, ...advice].join('\n')
}

function size(bytes: number): string {
  if (bytes < 1024) return `${short(bytes)} bytes`
  return bytes < 1024 ** 2 ? `${short(bytes / 1024)} KB` : `${short(bytes / 1024 ** 2)} MB`
}

/** Of what is small the first decimal says something; more are not known. */
function short(value: number): string {
  return value >= 10 || Number.isInteger(value)
    ? Math.round(value).toLocaleString('en-US')
    : String(Number(value.toFixed(1)))
}

function groupCounts(text: string): number | Readonly<Record<string, number>> {
  if (!text.includes('=')) return atLeastOne(text)
  const counts = text.split(',').map((part) => {
    const [, name = '', count = ''] = /^([^=]+)=([^=]+)$/.exec(part) ?? []
    if (name === '') throw new InvalidArgumentError('It is a number, or such as origin=300,route=3000.')
    return [name, atLeastOne(count)] as const
  })
  return Object.fromEntries(counts)
}

await runCommand(command)
