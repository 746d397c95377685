import { randomUUID } from 'node:crypto'
import { KinesisClient } from '@aws-sdk/client-kinesis'
import { Command, Option } from 'commander'
import { share, wholeNumberFrom } from '../command-line.ts'
import { departures } from './lib/departures.ts'
import { type FlightRecord, flightRecords } from './lib/flight-records.ts'
import { type Journal, openJournal } from './lib/journal.ts'
import { type SendCounts, startProgress } from './lib/progress.ts'
import type { Acknowledged } from './lib/put-records.ts'
import { sendRecords } from './lib/send.ts'

/** A call without an answer has failed by then; the SDK's own default is to wait for ever. */
const requestTimeoutMs = 10_000

interface Options {
  readonly stream: string
  readonly limit?: number
  readonly rate?: number
  readonly duplicates: number
  readonly garbage: number
  readonly concurrency: number
  readonly journal?: string
  readonly json?: true
}

/** `produce flights`: streams real departures into a Kinesis stream. */
export function flightsCommand(): Command {
  return new Command('flights')
    .description(
      'Streams real departures (US domestic flights of 2001) into a Kinesis stream, as if they left now.',
    )
    .addOption(
      new Option('--stream <name>', 'the stream to write to')
        .env('FLIGHTS_STREAM_NAME')
        .makeOptionMandatory(),
    )
    .option('--limit <count>', 'departures to send (default: all 3,000,000)', wholeNumberFrom(1))
    .option(
      '--rate <records>',
      'records a second (default: as fast as the stream takes them)',
      wholeNumberFrom(1),
    )
    .option('--duplicates <share>', 'departures to send twice, such as 5%', share, 0)
    .option('--garbage <count>', 'unreadable records to mix in', wholeNumberFrom(0), 0)
    .option('--concurrency <calls>', 'PutRecords calls under way at once', wholeNumberFrom(1), 4)
    .option('--journal <file>', 'write one JSON line for each record that the stream acknowledged')
    .option('--json', 'print the summary as JSON')
    .addHelpText(
      'after',
      '\nRegion, credentials and endpoints come from the standard AWS environment variables.',
    )
    .action(produceFlights)
}

async function produceFlights(options: Options): Promise<void> {
  const interruption = new AbortController()
  const interrupt = (): void => interruption.abort()
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt)

  const counts: SendCounts = { sent: 0, duplicatesSent: 0, garbageSent: 0, refused: 0 }
  const journal = options.journal === undefined ? undefined : await openJournal(options.journal)
  const client = new KinesisClient({
    requestHandler: { disableConcurrentStreams: false, requestTimeout: requestTimeoutMs },
  })
  const startedMs = Date.now()
  const run = randomUUID()
  const progress = startProgress(counts)
  try {
    const { limit, rate } = options
    await sendRecords(
      flightRecords(departures(), {
        run,
        ...(limit !== undefined && { limit }),
        duplicates: options.duplicates,
        garbage: options.garbage,
        nowMs: () => Date.now(),
      }),
      {
        client,
        streamName: options.stream,
        ...(rate !== undefined && { rate }),
        concurrency: options.concurrency,
        signal: interruption.signal,
        onAcknowledged: (acknowledged) => note(acknowledged, counts, journal),
        onRefused: (count) => void (counts.refused += count),
      },
    )
  } finally {
    progress.stop()
    client.destroy()
    await journal?.close()
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
  }
  const seconds = (Date.now() - startedMs) / 1_000
  const summary = { run, ...counts, seconds, interrupted: interruption.signal.aborted }
  console.log(options.json ? JSON.stringify(summary) : inWords(summary))
}

function note(
  { record, shardId, sequenceNumber }: Acknowledged<FlightRecord>,
  counts: SendCounts,
  journal: Journal | undefined,
): void {
  if (record.kind === 'event') counts.sent++
  else if (record.kind === 'duplicate') counts.duplicatesSent++
  else counts.garbageSent++
  const content = record.flight ?? { data: Buffer.from(record.data).toString('base64') }
  journal?.write({ kind: record.kind, shardId, sequenceNumber, ...content })
}

function inWords(summary: SendCounts & { seconds: number; interrupted: boolean }): string {
  const { sent, duplicatesSent, garbageSent, refused, seconds, interrupted } = summary
  const total = sent + duplicatesSent + garbageSent
  return (
    `${interrupted ? 'interrupted: ' : ''}${sent} departures, ${duplicatesSent} repeats and ${garbageSent} unreadable ` +
    `records in ${seconds.toFixed(1)} s (${Math.round(total / seconds)} records/s, ${refused} refused and sent again)`
  )
}
