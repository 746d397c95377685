import { expect, test } from 'vitest'
import { type Route, routeRecord } from '../../../consumers/engine/route.ts'
import { type Departure } from '../../../consumers/punctuality/event.ts'
import { punctuality } from '../../../consumers/punctuality/pipeline.ts'
import { recordOf } from '../engine/departures.ts'

const departure: Departure = {
  flightId: 'WN-1',
  sentAt: 1_700_000_000_000,
  origin: 'JFK',
  distance: 2_475,
  delay: 16,
}

function route(fields: Partial<Departure>): Route | undefined {
  const record = recordOf({ ...departure, ...fields }, { arrivalMs: departure.sentAt + 200 })
  return routeRecord(punctuality, record)
}

/** What a departure adds to its airport and to its length of flight. */
function sharesOf(fields: Partial<Departure> = {}): readonly Record<string, unknown>[] {
  return (route(fields)?.contribution.shares ?? []).map(([share], grouping) => {
    const measures = punctuality.keptMeasures[grouping] ?? []
    const states = measures.map(({ name }, index) => [name, share?.states[index]])
    return { key: share?.key, ...Object.fromEntries(states) }
  })
}

test('a late departure adds to its airport and its length, each with the measures that are kept for it', () => {
  const common = { departures: 1, late: 1, delayHours: 27, bestDelay: [16], delayVariance: [1, 16, 256] }
  const [airport, haul] = sharesOf()
  expect(airport).toMatchObject({ key: 'JFK', ...common })
  expect(haul).toMatchObject({ key: 'long', ...common, delays: [0, 0, 1, 0, 0, 0] })
  const names = (share = {}): string[] => Object.keys(share).filter((name) => !(name in common))
  expect(names(airport)).toEqual(expect.arrayContaining(['firstDelay', 'lastDelay']))
  expect(names(airport)).not.toEqual(expect.arrayContaining(['delays']))
  expect(names(haul)).not.toEqual(expect.arrayContaining(['firstDelay']))
})

test('a departure is late from 15 minutes on', () => {
  expect(sharesOf({ delay: 14 })[0]).toMatchObject({ departures: 1, late: 0 })
  expect(sharesOf({ delay: 15 })[0]).toMatchObject({ departures: 1, late: 1 })
})

test.each([
  [200, 'short'],
  [499, 'short'],
  [500, 'medium'],
  [1_499, 'medium'],
  [1_500, 'long'],
])('a flight of %i miles is %s', (distance, haul) => {
  expect(sharesOf({ distance })[1]).toMatchObject({ key: haul })
})

test('a flight of less than 200 miles is left out, and is no reject', () => {
  expect(route({ distance: 199 })).toBeUndefined()
  expect(route({ distance: 200 })).toBeDefined()
})

test('a departure is stored in the pane of a minute, of which its five windows are made', () => {
  expect(punctuality.window).toEqual({ sizeMs: 300_000, periodMs: 60_000, paneMs: 60_000 })
  expect(route({})?.paneStartMs).toBe(Math.floor(departure.sentAt / 60_000) * 60_000)
})

test.each<Partial<Record<keyof Departure, unknown>>>([
  { flightId: '' },
  { origin: undefined },
  { distance: 0.5 },
  { delay: null },
])('a departure with %o is rejected', (fields) => {
  const record = recordOf({ ...departure, ...fields }, { arrivalMs: departure.sentAt })
  expect(() => routeRecord(punctuality, record)).toThrow(Object.keys(fields)[0])
})
