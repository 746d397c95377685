import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { Argument, Command } from 'commander'
import { produce, type ProducedRecord, type ProduceOptions, withProduceOptions } from './lib/produce.ts'

interface Options extends ProduceOptions {
  readonly partitionKey: string
}

/** `produce lines`: sends the lines of a file, or of stdin, as they are. */
export function linesCommand(): Command {
  const command = new Command('lines')
    .description('Sends lines of JSON into a Kinesis stream, each as one record.')
    .addArgument(new Argument('[file]', 'the lines (default: stdin)'))
    .requiredOption('--partition-key <member>', 'the member of each line whose text is its partition key')
  return withProduceOptions(command).action(async (file: string | undefined, options: Options) => {
    await produce(options, (signal) => lineRecords(file, options.partitionKey, signal))
  })
}

async function* lineRecords(
  file: string | undefined,
  partitionKey: string,
  signal: AbortSignal,
): AsyncGenerator<ProducedRecord> {
  const input = file === undefined ? process.stdin : createReadStream(file)
  // Otherwise a terminal that says nothing more would keep the process.
  signal.addEventListener('abort', () => input.destroy(), { once: true })
  let lineNumber = 0
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    lineNumber++
    if (line.trim() === '') continue
    const key = memberOf(line, partitionKey)
    if (key === undefined)
      throw new Error(`line ${lineNumber} is not a JSON object with a text as ${partitionKey}`)
    yield { kind: 'event', partitionKey: key, data: Buffer.from(line), journalled: { line: lineNumber } }
  }
}

function memberOf(line: string, member: string): string | undefined {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, member)) return undefined
    const text = (value as Record<string, unknown>)[member]
    return typeof text === 'string' && text !== '' ? text : undefined
  } catch {
    return undefined
  }
}
