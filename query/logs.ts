import { setTimeout } from 'node:timers/promises'
import type { CloudWatchLogsClient, FilteredLogEvent } from '@aws-sdk/client-cloudwatch-logs'
import { Argument, Command, InvalidArgumentError } from 'commander'
import { runCommand } from '../command-line.ts'
import { logGroupOf } from './log-group-of.ts'
import { pipelines } from './pipelines.ts'
import { UnseenEvents } from './unseen-events.ts'

interface Options {
  readonly logGroup?: string
  readonly follow?: true
  readonly since: number
  readonly filter?: string
  readonly json?: true
}

/** How long `--follow` waits after each look. */
const followPauseMs = 1_000
const unitsMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

const command = new Command('logs')
  .description("Prints the lines of a pipeline's function out of CloudWatch Logs.")
  .addArgument(new Argument('<pipeline>', 'the pipeline').choices([...pipelines.keys()]))
  .option(
    '--log-group <name>',
    "the log group (default: the one that is named after the pipeline's function)",
  )
  .option('--follow', 'go on until Ctrl-C')
  .option('--since <age>', 'how far back to begin, such as 90s, 10m, 2h or 1d', ageMs, ageMs('10m'))
  .option('--filter <terms>', 'lines with all of these terms; "..." around others than words, - excludes')
  .option('--json', 'print a JSON object a line')
  .addHelpText(
    'after',
    '\nRegion, credentials and endpoints come from the standard AWS environment variables.',
  )
  .action(printLogs)

async function printLogs(name: string, options: Options): Promise<void> {
  const startMs = Date.now() - options.since
  // Loaded once there is something to read: help and wrong usage need no client.
  const { CloudWatchLogsClient } = await import('@aws-sdk/client-cloudwatch-logs')
  const client = new CloudWatchLogsClient()
  const interruption = new AbortController()
  const interrupt = (): void => interruption.abort()
  if (options.follow) process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
  try {
    const logGroupName = options.logGroup ?? (await logGroupOf(client, name, interruption.signal))
    await printFrom(client, { logGroupName, startMs, signal: interruption.signal }, options)
  } catch (error) {
    if (!interruption.signal.aborted) throw error
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
    client.destroy()
  }
}

interface Range {
  readonly logGroupName: string
  readonly startMs: number
  readonly signal: AbortSignal
}

/** Prints what there is and, if it is to follow, what comes, until the signal is aborted. */
async function printFrom(client: CloudWatchLogsClient, range: Range, options: Options): Promise<void> {
  const { paginateFilterLogEvents } = await import('@aws-sdk/client-cloudwatch-logs')
  const { logGroupName, startMs, signal } = range
  const unseen = new UnseenEvents(startMs)
  for (;;) {
    const input = { logGroupName, startTime: unseen.fromMs, filterPattern: options.filter }
    for await (const { events = [] } of paginateFilterLogEvents({ client }, input, { abortSignal: signal })) {
      for (const event of events) if (unseen.take(event)) console.log(lineOf(event, options))
    }
    if (!options.follow) return
    unseen.forget()
    await setTimeout(followPauseMs, undefined, { signal })
  }
}

function lineOf(event: FilteredLogEvent, { json }: Options): string {
  const { timestamp = 0, message = '', logStreamName } = event
  const time = new Date(timestamp).toISOString()
  const text = message.trimEnd()
  return json ? JSON.stringify({ time, stream: logStreamName, message: text }) : `${time}  ${text}`
}

function ageMs(text: string): number {
  const [, digits, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  const unitMs = unitsMs[unit]
  if (unitMs !== undefined) return Number(digits) * unitMs
  throw new InvalidArgumentError('It is an age such as 90s, 10m, 2h or 1d.')
}

await runCommand(command)
