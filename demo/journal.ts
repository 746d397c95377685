import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

/** A departure as its producer sent it. */
export interface Departure {
  readonly flightId: string
  readonly sentAt: number
  readonly origin: string
  readonly destination: string
  readonly distance: number
  readonly delay: number
}

/** What a stream took from a producer of flights. */
export interface Journal {
  /** Each once, however often it was sent. */
  readonly departures: readonly Departure[]
  readonly duplicatesSent: number
  /** The unreadable records, by `shard sequence-number`, with their bytes in base64. */
  readonly garbage: ReadonlyMap<string, string>
}

interface JournalLine extends Departure {
  readonly kind: 'event' | 'duplicate' | 'garbage'
  readonly shardId: string
  readonly sequenceNumber: string
  readonly data: string
}

/** Reads a producer's journal: a line of JSON for each record that was acknowledged. */
export async function readJournal(path: string): Promise<Journal> {
  const departures = new Map<string, Departure>()
  const garbage = new Map<string, string>()
  let duplicatesSent = 0
  for await (const text of createInterface(createReadStream(path))) {
    const line = JSON.parse(text) as JournalLine
    if (line.kind === 'duplicate') duplicatesSent++
    if (line.kind === 'garbage') garbage.set(`${line.shardId} ${line.sequenceNumber}`, line.data)
    else departures.set(line.flightId, line)
  }
  return { departures: [...departures.values()], duplicatesSent, garbage }
}
