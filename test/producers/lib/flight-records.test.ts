import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { flightSchema } from '../../../consumers/flights/event.ts'
import { flights } from '../../../consumers/flights/pipeline.ts'
import { RejectError } from '../../../consumers/engine/errors.ts'
import { routeRecord } from '../../../consumers/engine/route.ts'
import type { Departure } from '../../../producers/lib/departures.ts'
import {
  type FlightRecord,
  type FlightRecordOptions,
  flightRecords,
} from '../../../producers/lib/flight-records.ts'

const startMs = 1_760_000_000_000

async function* departuresIn(...groupSizes: readonly number[]): AsyncGenerator<Departure[]> {
  let row = 0
  for (const size of groupSizes) {
    yield Array.from({ length: size }, () => {
      const origin = row % 2 === 0 ? 'JFK' : 'LAX'
      return { row: row++, origin, destination: 'ORD', distance: 100 + row, delay: row - 5 }
    })
  }
}

async function recordsOf(
  departures: AsyncIterable<readonly Departure[]>,
  options: Partial<FlightRecordOptions> = {},
  stepMs = 1,
): Promise<FlightRecord[]> {
  let nowMs = startMs
  const records: FlightRecord[] = []
  const defaults = { run: 'run', duplicates: 0, garbage: 0, nowMs: () => nowMs }
  for await (const record of flightRecords(departures, { ...defaults, ...options })) {
    records.push(record)
    nowMs += stepMs
  }
  return records
}

const ofKind = (records: readonly FlightRecord[], kind: FlightRecord['kind']): FlightRecord[] =>
  records.filter((record) => record.kind === kind)

describe('a departure', () => {
  it('is one record with the departure, dated when it is taken, partitioned by its origin', async () => {
    const [first, second] = await recordsOf(departuresIn(2))
    expect(second?.flight).toEqual({
      flightId: 'run-1',
      sentAt: startMs + 1,
      origin: 'LAX',
      destination: 'ORD',
      distance: 102,
      delay: -3,
    })
    expect([first?.partitionKey, second?.partitionKey]).toEqual(['JFK', 'LAX'])
    expect(flightSchema.parse(JSON.parse(Buffer.from(second?.data ?? []).toString()))).toEqual(second?.flight)
  })

  it('is sent up to the limit, across the groups of the file', async () => {
    const ids = (await recordsOf(departuresIn(3, 3), { limit: 4 })).map(({ flight }) => flight?.flightId)
    expect(ids).toEqual(['run-0', 'run-1', 'run-2', 'run-3'])
    expect(await recordsOf(departuresIn(3, 3))).toHaveLength(6)
    expect(await recordsOf(departuresIn(3, 3), { limit: 100 })).toHaveLength(6)
  })
})

describe('a repeat', () => {
  it('has the bytes and the partition key of its first sending, and follows it', async () => {
    const records = await recordsOf(departuresIn(100), { duplicates: 1 })
    const repeats = ofKind(records, 'duplicate')
    expect(repeats).toHaveLength(100)
    for (const repeat of repeats) {
      const before = records.slice(0, records.indexOf(repeat))
      const first = before.find(({ kind, flight }) => kind === 'event' && flight === repeat.flight)
      expect(Buffer.from(first?.data ?? []).equals(repeat.data)).toBe(true)
      expect(repeat.partitionKey).toBe(first?.partitionKey)
    }
  })

  it('is held back by 40 others, so that most fall into another batch', async () => {
    const records = await recordsOf(departuresIn(100), { duplicates: 1 })
    const at = (kind: FlightRecord['kind']): number =>
      records.findIndex((record) => record.kind === kind && record.flight?.flightId === 'run-0')
    expect(at('event')).toBe(0)
    expect(at('duplicate')).toBe(41)
  })

  it('is not held back until it would be late, where departures are few', async () => {
    const records = await recordsOf(departuresIn(100), { duplicates: 0.1 }, 10_000)
    const waits = ofKind(records, 'duplicate').map(({ flight }) => {
      const places = records.flatMap((record, index) => (record.flight === flight ? [index] : []))
      return ((places[1] ?? Infinity) - (places[0] ?? 0)) * 10
    })
    expect(waits).toHaveLength(10)
    // Seconds: more than 30, and then until the next departure. The last one has nothing to wait for.
    for (const wait of waits.slice(0, -1)) expect([40, 50]).toContain(wait)
  })

  it('is made of exactly the share of departures', async () => {
    const shares = fc.integer({ min: 0, max: 100 })
    await fc.assert(
      fc.asyncProperty(shares, fc.integer({ min: 1, max: 400 }), async (percent, limit) => {
        const records = await recordsOf(departuresIn(limit), { limit, duplicates: percent / 100 })
        expect(ofKind(records, 'event')).toHaveLength(limit)
        expect(ofKind(records, 'duplicate')).toHaveLength(Math.floor((limit * percent) / 100))
      }),
    )
  })

  // 0.29 x 100 is below 29, and ten times 0.1, added up, is below 1.
  it.each([
    [0.29, 100, 29],
    [0.1, 10, 1],
    [0.05, 20_000, 1_000],
  ])('is not lost to rounding: %d of %i', async (duplicates, limit, repeats) => {
    const records = await recordsOf(departuresIn(limit), { limit, duplicates })
    expect(ofKind(records, 'duplicate')).toHaveLength(repeats)
  })
})

describe('an unreadable record', () => {
  it('comes as often as asked for, however few departures there are', async () => {
    const counts = fc.integer({ min: 0, max: 30 })
    await fc.assert(
      fc.asyncProperty(counts, fc.integer({ min: 1, max: 100 }), async (garbage, limit) => {
        const records = await recordsOf(departuresIn(limit), { limit, garbage })
        expect(ofKind(records, 'garbage')).toHaveLength(garbage)
        expect(ofKind(records, 'event')).toHaveLength(limit)
      }),
    )
  })

  it('is spread evenly over the departures', async () => {
    const records = await recordsOf(departuresIn(100), { limit: 100, garbage: 4 })
    const places = records.flatMap(({ kind }, index) => (kind === 'garbage' ? [index] : []))
    expect(places).toEqual([20, 41, 62, 83])
  })

  it('cannot be read in three ways, and each is another', async () => {
    const records = await recordsOf(departuresIn(10), { limit: 10, garbage: 6 })
    const reasons = records.map(({ data, partitionKey }) => {
      const position = { stream: 'arn:flights', shard: 'shardId-000000000000', sequenceNumber: '1' }
      try {
        routeRecord(flights, { position, partitionKey, arrivalMs: startMs, payload: data, raw: undefined })
        return 'readable'
      } catch (error) {
        return error instanceof RejectError ? error.reason : error
      }
    })
    const unreadable = reasons.filter((reason) => reason !== 'readable')
    expect(unreadable).toEqual(['not-utf8', 'not-json', 'wrong-shape', 'not-utf8', 'not-json', 'wrong-shape'])
    expect(reasons.filter((reason) => reason === 'readable')).toHaveLength(10)
    const distinct = new Set(
      ofKind(records, 'garbage').map(({ data }) => Buffer.from(data).toString('base64')),
    )
    expect(distinct.size).toBe(6)
  })
})
