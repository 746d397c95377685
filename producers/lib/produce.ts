import { KinesisClient } from '@aws-sdk/client-kinesis'
import { type Command, Option } from 'commander'
import { wholeNumberFrom } from '../../command-line.ts'
import { openJournal } from './journal.ts'
import { type SendCounts, startProgress } from './progress.ts'
import type { OutgoingRecord } from './put-records.ts'
import { sendRecords } from './send.ts'

/** A call without an answer has failed by then; the SDK's own default is to wait for ever. */
const requestTimeoutMs = 10_000

/** The options that every producer of a stream has. */
export interface ProduceOptions {
  readonly stream: string
  readonly rate?: number
  readonly concurrency: number
  readonly journal?: string
  readonly json?: true
}

/** A record that a producer sends. */
export interface ProducedRecord extends OutgoingRecord {
  readonly kind: 'event' | 'duplicate' | 'garbage'
  /** What the journal says of it, besides its kind and place. */
  readonly journalled: object
}

/** Adds the options of `ProduceOptions` to a producer's command. */
export function withProduceOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--stream <name>', 'the stream to write to').env('STREAM_NAME').makeOptionMandatory(),
    )
    .option(
      '--rate <records>',
      'records a second (default: as fast as the stream takes them)',
      wholeNumberFrom(1),
    )
    .option('--concurrency <calls>', 'PutRecords calls under way at once', wholeNumberFrom(1), 4)
    .option('--journal <file>', 'write one JSON line for each record that the stream acknowledged')
    .option('--json', 'print the summary as JSON')
    .addHelpText(
      'after',
      '\nRegion, credentials and endpoints come from the standard AWS environment variables.',
    )
}

/**
 * Sends records to a stream with progress, journal and summary. Ctrl-C ends it in order: what is under way is
 * finished, journalled and summed up. The records' source is told by its signal.
 * @throws what sending or journalling fails with.
 */
export async function produce(
  options: ProduceOptions,
  recordsUntil: (signal: AbortSignal) => AsyncIterable<ProducedRecord>,
  totalRecords?: number,
): Promise<void> {
  const interruption = new AbortController()
  const interrupt = (): void => interruption.abort()
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt)

  const counts: SendCounts = { sent: 0, duplicatesSent: 0, garbageSent: 0, refused: 0 }
  const counted = { event: 'sent', duplicate: 'duplicatesSent', garbage: 'garbageSent' } as const
  const journal = options.journal === undefined ? undefined : await openJournal(options.journal)
  const client = new KinesisClient({
    requestHandler: { disableConcurrentStreams: false, requestTimeout: requestTimeoutMs },
  })
  const startedMs = Date.now()
  const progress = startProgress(counts, totalRecords)
  try {
    await sendRecords(recordsUntil(interruption.signal), {
      client,
      streamName: options.stream,
      ...(options.rate !== undefined && { rate: options.rate }),
      concurrency: options.concurrency,
      signal: interruption.signal,
      onAcknowledged: ({ record: { kind, journalled }, shardId, sequenceNumber }) => {
        counts[counted[kind]]++
        journal?.write({ kind, shardId, sequenceNumber, ...journalled })
      },
      onRefused: (count) => void (counts.refused += count),
    })
  } finally {
    progress.stop()
    client.destroy()
    await journal?.close()
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
    // After a failure too: whoever goes on has to know what is in the stream.
    const seconds = (Date.now() - startedMs) / 1_000
    const summary = { ...counts, seconds, interrupted: interruption.signal.aborted }
    console.log(options.json ? JSON.stringify(summary) : inWords(summary))
  }
}

function inWords(summary: SendCounts & { seconds: number; interrupted: boolean }): string {
  const { sent, duplicatesSent, garbageSent, refused, seconds, interrupted } = summary
  const total = sent + duplicatesSent + garbageSent
  return (
    `${interrupted ? 'interrupted: ' : ''}${sent} events, ${duplicatesSent} repeats and ${garbageSent} unreadable ` +
    `records in ${seconds.toFixed(1)} s (${Math.round(total / seconds)} records/s, ${refused} refused and sent again)`
  )
}
