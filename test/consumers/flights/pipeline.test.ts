import { expect, test } from 'vitest'
import { routeRecord } from '../../../consumers/engine/route.ts'
import type { Flight } from '../../../consumers/flights/event.ts'
import { flights } from '../../../consumers/flights/pipeline.ts'
import { recordOf } from '../engine/departures.ts'

const flight: Flight = {
  flightId: 'WN-1',
  sentAt: 1_700_000_000_000,
  origin: 'JFK',
  destination: 'LAX',
  distance: 2_475,
  delay: -7,
}
const arrival = { arrivalMs: flight.sentAt + 200 }

function idOf(fields: Partial<Flight>): string {
  return routeRecord(flights, recordOf({ ...flight, ...fields }, arrival)).contribution.id
}

test('a flight adds to its airport and its route, with a state for every measure', () => {
  const { contribution, paneStartMs } = routeRecord(flights, recordOf(flight, arrival))
  expect(paneStartMs).toBe(Math.floor(flight.sentAt / 60_000) * 60_000)
  expect(contribution.keys).toEqual(['JFK', 'JFK|LAX'])
  expect(flights.measures.map(([name], index) => [name, contribution.states[index]])).toEqual(
    expect.arrayContaining([
      ['departures', 1],
      ['distance', 2_475],
      ['meanDelay', [-7, 1]],
      ['worstDelay', [-7]],
      ['bestDelay', [-7]],
    ]),
  )
})

test('a repeat of a flight is the same event, another flight is not', () => {
  expect(idOf({})).toBe(idOf({}))
  expect(idOf({ flightId: 'WN-2' })).not.toBe(idOf({}))
})

test.each<Partial<Record<keyof Flight, unknown>>>([
  { flightId: '' },
  { flightId: undefined },
  { origin: '' },
  { distance: 0.5 },
  { delay: null },
])('a flight with %o is rejected', (fields) => {
  expect(() => routeRecord(flights, recordOf({ ...flight, ...fields }, arrival))).toThrow(
    Object.keys(fields)[0],
  )
})
