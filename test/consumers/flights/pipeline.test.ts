import { expect, test } from 'vitest'
import { type Route, routeRecord } from '../../../consumers/engine/route.ts'
import type { EventId } from '../../../consumers/engine/identity.ts'
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

function routed(fields: Partial<Flight> = {}): Route {
  const route = routeRecord(flights, recordOf({ ...flight, ...fields }, arrival))
  if (route === undefined) throw new Error('the flight is left out')
  return route
}

function idOf(fields: Partial<Flight>): EventId {
  return routed(fields).contribution.id
}

test('a flight adds to its airport and its route, with a state for every measure', () => {
  const { contribution, paneStartMs } = routed()
  expect(paneStartMs).toBe(Math.floor(flight.sentAt / 60_000) * 60_000)
  expect(contribution.shares.map((shares) => shares.map(({ key }) => key))).toEqual([['JFK'], ['JFK|LAX']])
  for (const [grouping, shares] of contribution.shares.entries()) {
    const names = flights.keptMeasures[grouping]?.map(({ name }) => name) ?? []
    expect(names.map((name, index) => [name, shares[0]?.states[index]])).toEqual(
      expect.arrayContaining([
        ['departures', 1],
        ['distance', 2_475],
        ['meanDelay', [-7, 1]],
        ['worstDelay', [-7]],
        ['bestDelay', [-7]],
      ]),
    )
  }
})

test('a repeat of a flight is the same event, another flight is not', () => {
  expect(idOf({})).toEqual(idOf({}))
  expect(idOf({ flightId: 'WN-2' })).not.toEqual(idOf({}))
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
