import * as z from 'zod'
import type { Contribution } from '../../../consumers/engine/cell.ts'
import {
  count,
  definePipeline,
  hours,
  max,
  mean,
  minutes,
  sum,
  tumbling,
} from '../../../consumers/engine/pipeline.ts'
import type { Position, SourceRecord } from '../../../consumers/engine/ports.ts'
import { paneExpiryMs, paneGateMs } from '../../../consumers/engine/windows.ts'

export const departureSchema = z.object({
  id: z.string(),
  at: z.number(),
  origin: z.string(),
  destination: z.string(),
  miles: z.number(),
})

export type Departure = z.infer<typeof departureSchema>

/** A pipeline with two groupings and a state of every kind. */
export const departures = definePipeline(departureSchema, {
  name: 'departures',
  id: (event) => event.id,
  time: (event) => event.at,
  window: tumbling(minutes(1)),
  allowedLateness: minutes(5),
  maximumRecordAge: hours(1),
  retention: hours(6),
  groupBy: {
    origin: (event) => event.origin,
    route: (event) => [event.origin, event.destination],
  },
  measures: {
    departures: count(),
    miles: sum((event) => event.miles),
    meanMiles: mean((event) => event.miles),
    mostMiles: max((event) => event.miles),
  },
  bucketBy: 'origin',
  buckets: 4,
  maximumGroups: 8,
})

/** The start of a pane, in which the tests' events lie. */
export const paneStartMs = Date.UTC(2024, 0, 1, 12)
export const gateMs = paneGateMs(paneStartMs, departures)
export const expiryMs = paneExpiryMs(paneStartMs, departures)

export const position: Position = {
  stream: 'arn:aws:kinesis:eu-west-1:123456789012:stream/departures',
  shard: 'shardId-000000000000',
  sequenceNumber: '49590338271490256608559692538361571095921575989136588898',
}

/** A departure in the pane. */
export function departure(fields: Partial<Departure> = {}): Departure {
  return { id: 'd-1', at: paneStartMs, origin: 'JFK', destination: 'LAX', miles: 2_475, ...fields }
}

/** A record of that JSON, which arrived at the start of the pane. */
export function recordOf(json: unknown, fields: Partial<SourceRecord> = {}): SourceRecord {
  const payload = Buffer.from(JSON.stringify(json))
  return { position, partitionKey: 'JFK', arrivalMs: paneStartMs, payload, raw: { json }, ...fields }
}

/** What a departure adds to its cell. */
export function contributionOf(fields: Partial<Departure> = {}): Contribution {
  const arrival = { position, partitionKey: 'JFK', arrivalMs: paneStartMs }
  const contribution = departures.evaluate(departure(fields), arrival).contribute()
  if (contribution === undefined) throw new Error('the departure is left out')
  return contribution
}
