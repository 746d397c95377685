import * as fc from 'fast-check'
import { type Cell, cellAddress, type Contribution, emptyCell, fold } from '../../../consumers/engine/cell.ts'
import type { Departure } from './departures.ts'
import { contributionOf, departures, paneStartMs } from './departures.ts'

export const address = cellAddress(departures, paneStartMs, 0)
export const incarnation = Uint8Array.from({ length: 12 }, (_, index) => index)

/** Few ids and keys, so that events repeat and share groups; values far beyond a number's whole ones when summed. */
export const anyDeparture: fc.Arbitrary<Departure> = fc
  .record({
    id: fc.nat(30).map((id) => `d-${id}`),
    at: fc.constant(paneStartMs),
    origin: fc.constantFrom('JFK', 'LHR', 'a|b', '', 'ü🛫', 'x'.repeat(600)),
    destination: fc.constantFrom('LAX', 'b|c', '__proto__'),
    miles: fc.oneof(fc.integer(), fc.maxSafeInteger()),
  })
  // The same id always names the same event.
  .map((event) => ({ ...event, origin: `${event.origin}${event.id.length}`, miles: milesOf(event) }))

export const anyContributions: fc.Arbitrary<Contribution[]> = fc
  .array(anyDeparture, { maxLength: 30 })
  .map((events) => [...new Map(events.map((event) => [event.id, event])).values()].map(contributionOf))

function milesOf({ id, miles }: Departure): number {
  return id.endsWith('0') ? Number.MAX_SAFE_INTEGER : miles
}

const roomy = { ...departures, maximumGroups: 1_000 }

/** A cell with all these events folded in, one after the other. */
export function cellOf(events: readonly Contribution[], lossy = false): Cell {
  const cell = emptyCell(roomy, address, incarnation, lossy)
  for (const event of events) fold(roomy, cell, event)
  cell.version = events.length
  return cell
}
