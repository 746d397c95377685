import type { Flight } from '../../consumers/flights/event.ts'
import type { Departure } from './departures.ts'
import type { ProducedRecord } from './produce.ts'

/** A record to send: a departure, its repeat, or rubbish that no consumer can read. */
export interface FlightRecord extends ProducedRecord {
  /** What it says, where it says something. */
  readonly flight?: Flight
}

/** What to make of the departures. */
export interface FlightRecordOptions {
  /** Names this run; part of every id. */
  readonly run: string
  /** Departures to send; default all. */
  readonly limit?: number
  /** The share of departures that are sent twice, 0 to 1; of n departures, n times the share, rounded down. */
  readonly duplicates: number
  /** Unreadable records to mix in. */
  readonly garbage: number
  readonly nowMs: () => number
}

/** A repeat waits for this many others, so that most fall into another batch, but not until it would be late. */
const repeatsHeldBack = 40
const repeatsHeldBackMs = 30_000
/** Without a limit, unreadable records come once in so many departures. */
const defaultGarbageSpacing = 1_000
/** Far less than a record and far more than the rounding error of a share: 0.29 x 100 is below 29. */
const roundingSlack = 1e-6

/**
 * The records of a run, made as they are taken: a departure's event time is the moment of its sending, its id is run
 * and row, its partition key the origin. A repeat carries the same bytes and partition key. Unreadable records come
 * evenly spread: not UTF-8, not JSON and of the wrong shape in turn.
 */
export async function* flightRecords(
  departures: AsyncIterable<readonly Departure[]>,
  { run, limit = Infinity, duplicates, garbage, nowMs }: FlightRecordOptions,
): AsyncGenerator<FlightRecord> {
  const spacing = Number.isFinite(limit)
    ? Math.max(1, Math.floor(limit / (garbage + 1)))
    : defaultGarbageSpacing
  const repeats: FlightRecord[] = []
  let sent = 0
  let garbageSent = 0
  let repeatsMade = 0

  rows: for await (const group of departures) {
    for (const departure of group) {
      if (sent >= limit) break rows
      const record = eventRecord(run, departure, nowMs())
      yield record
      sent++
      if (repeatsMade < Math.floor(sent * duplicates + roundingSlack)) {
        repeatsMade++
        repeats.push({ ...record, kind: 'duplicate' })
      }
      const [oldest] = repeats
      const isDue =
        repeats.length > repeatsHeldBack || nowMs() - (oldest?.flight?.sentAt ?? nowMs()) > repeatsHeldBackMs
      if (isDue) yield* repeats.splice(0, 1)
      if (garbageSent < garbage && sent % spacing === 0) yield garbageRecord(run, garbageSent++)
    }
  }
  yield* repeats
  while (garbageSent < garbage) yield garbageRecord(run, garbageSent++)
}

function eventRecord(
  run: string,
  { row, origin, destination, distance, delay }: Departure,
  sentAt: number,
): FlightRecord {
  const flight = { flightId: `${run}-${row}`, sentAt, origin, destination, distance, delay }
  const data = Buffer.from(JSON.stringify(flight))
  return { kind: 'event', partitionKey: origin, data, flight, journalled: flight }
}

function garbageRecord(run: string, index: number): FlightRecord {
  const contents = [
    Buffer.concat([Buffer.from(`${run} ${index} `), Buffer.from([0xc3, 0x28, 0xff, 0xfe])]),
    Buffer.from(`{"flightId": "${run}-garbage-${index}", `),
    Buffer.from(JSON.stringify({ flightId: `${run}-garbage-${index}`, origin: 42 })),
  ]
  const data = contents[index % contents.length] ?? Buffer.alloc(0)
  const journalled = { data: data.toString('base64') }
  return { kind: 'garbage', partitionKey: `garbage-${index}`, data, journalled }
}
