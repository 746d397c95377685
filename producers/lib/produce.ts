import { KinesisClient } from '@aws-sdk/client-kinesis'
import { type Command, Option } from 'commander'
import type { OutgoingRecord } from './put-records.ts'
import { requestTimeoutMs, runProducer, type RunOptions, withRunOptions } from './run-producer.ts'
import { sendRecords } from './send.ts'

/** The options that every producer of a stream has. */
export interface ProduceOptions extends RunOptions {
  readonly stream: string
}

/** A record that a producer sends. */
export interface ProducedRecord extends OutgoingRecord {
  readonly kind: 'event' | 'duplicate' | 'garbage'
  /** What the journal says of it, besides its kind and place. */
  readonly journalled: object
}

/** Adds the options of `ProduceOptions` to a producer's command. */
export function withProduceOptions(command: Command): Command {
  const source = new Option('--stream <name>', 'the stream to write to').env('STREAM_NAME')
  return withRunOptions(command, { source, noun: 'records', calls: 'PutRecords calls', concurrency: 4 })
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
  const counts = { sent: 0, duplicatesSent: 0, garbageSent: 0, refused: 0 }
  const counted = { event: 'sent', duplicate: 'duplicatesSent', garbage: 'garbageSent' } as const
  const sentInAll = (): number => counts.sent + counts.duplicatesSent + counts.garbageSent
  const client = new KinesisClient({
    requestHandler: { disableConcurrentStreams: false, requestTimeout: requestTimeoutMs },
  })
  const tally = {
    noun: 'records',
    ...(totalRecords !== undefined && { total: totalRecords }),
    progress: () => ({
      done: sentInAll(),
      remarks: counts.refused > 0 ? `, ${counts.refused} refused and sent again` : '',
    }),
    summary: () => counts,
    inWords: ({ sent, duplicatesSent, garbageSent, refused }: typeof counts, seconds: number) =>
      `${sent} events, ${duplicatesSent} repeats and ${garbageSent} unreadable records in ${seconds.toFixed(1)} s ` +
      `(${Math.round(sentInAll() / seconds)} records/s, ${refused} refused and sent again)`,
  }
  try {
    await runProducer(options, tally, (signal, journal) =>
      sendRecords(recordsUntil(signal), {
        client,
        streamName: options.stream,
        ...(options.rate !== undefined && { rate: options.rate }),
        concurrency: options.concurrency,
        signal,
        onAcknowledged: ({ record: { kind, journalled }, shardId, sequenceNumber }) => {
          counts[counted[kind]]++
          journal?.write({ kind, shardId, sequenceNumber, ...journalled })
        },
        onRefused: (count) => void (counts.refused += count),
      }),
    )
  } finally {
    client.destroy()
  }
}
