import { expect, it } from 'vitest'
import type { Departure } from '../../demo/journal.ts'
import { recountAll, type Values } from '../../demo/recount.ts'

const minuteMs = 60_000
const minute = 1_760_000_040_000

let made = 0
function departureWith(fields: Partial<Departure> = {}): Departure {
  const route = { origin: 'JFK', destination: 'LAX' }
  return { flightId: `d-${made++}`, sentAt: minute, ...route, distance: 300, delay: 5, ...fields }
}

/** The values of the one group of a grouping in the window that begins then. */
function only(groups: ReadonlyMap<string, Values> | undefined, windowStart: number): Values | undefined {
  const found = Array.from(groups ?? []).filter(([name]) => name.startsWith(`${windowStart} `))
  expect(found.length).toBeLessThan(2)
  return found[0]?.[1]
}

it('counts each departure in its minute, by origin and by route', () => {
  const { groups, filtered, windowsPerDeparture } = recountAll([
    departureWith({ delay: 5 }),
    departureWith({ delay: -2, distance: 250, sentAt: minute + minuteMs - 1 }),
    departureWith({ delay: 7, distance: 100, destination: 'SFO' }),
    departureWith({ delay: 1, sentAt: minute + minuteMs }),
  ]).flights
  expect([filtered, windowsPerDeparture]).toEqual([0, 1])
  expect(Object.keys(groups)).toEqual(['origin', 'route'])
  const one = { departures: 1, distance: 300, meanDelay: 1, bestDelay: 1, worstDelay: 1 }
  const ofOne = { delayQuantiles: { p50: 1, p90: 1, p95: 1, p99: 1 }, destinations: 1 }
  expect(groups['origin']).toEqual(
    new Map<string, Values>([
      [
        `${minute} "JFK"`,
        {
          departures: 3,
          distance: 650,
          meanDelay: 10 / 3,
          bestDelay: -2,
          worstDelay: 7,
          delayQuantiles: { p50: 5, p90: 5, p95: 5, p99: 5 },
          destinations: 2,
        },
      ],
      [`${minute + minuteMs} "JFK"`, { ...one, ...ofOne }],
    ]),
  )
  expect(groups['route']).toEqual(
    new Map<string, Values>([
      [
        `${minute} ["JFK","LAX"]`,
        { departures: 2, distance: 550, meanDelay: 1.5, bestDelay: -2, worstDelay: 5 },
      ],
      [
        `${minute} ["JFK","SFO"]`,
        { departures: 1, distance: 100, meanDelay: 7, bestDelay: 7, worstDelay: 7 },
      ],
      [`${minute + minuteMs} ["JFK","LAX"]`, one],
    ]),
  )
})

it('counts a departure in each of the five windows that cover it, and in no other', () => {
  const { groups, windowsPerDeparture } = recountAll([
    departureWith({ sentAt: minute }),
    departureWith({ sentAt: minute + minuteMs - 1 }),
    departureWith({ sentAt: minute + minuteMs }),
  ]).punctuality
  expect(windowsPerDeparture).toBe(5)
  const counts = [-5, -4, -3, 0, 1, 2].map(
    (minutes) => only(groups['airport'], minute + minutes * minuteMs)?.['departures'],
  )
  expect(counts).toEqual([undefined, 2, 3, 3, 1, undefined])
  expect(groups['airport']?.size).toBe(6)
})

it('leaves flights of less than 200 miles out of punctuality, and tells how many', () => {
  const { flights, punctuality } = recountAll([
    departureWith({ distance: 199 }),
    departureWith({ distance: 200 }),
  ])
  expect([flights.filtered, punctuality.filtered]).toEqual([0, 1])
  expect(only(flights.groups['origin'], minute)?.['departures']).toBe(2)
  expect(only(punctuality.groups['airport'], minute)?.['departures']).toBe(1)
})

it('works out every measure of punctuality', () => {
  const { groups } = recountAll([
    departureWith({ delay: -10, sentAt: minute + 3 }),
    departureWith({ delay: 14, sentAt: minute + 1 }),
    departureWith({ delay: 15, sentAt: minute + 2, origin: 'EWR' }),
    departureWith({ delay: 130, sentAt: minute + 4 }),
  ]).punctuality
  expect(only(groups['haul'], minute)).toEqual({
    departures: 4,
    late: 2,
    lateShare: 0.5,
    meanLateness: 72.5,
    // -0.17 + 0.23 + 0.25 + 2.17
    delayHours: 2.48,
    bestDelay: -10,
    worstDelay: 130,
    delayVariance: 2_967.6875,
    delayDeviation: Math.sqrt(2_967.6875),
    delays: [
      { to: 0, count: 1 },
      { from: 0, to: 15, count: 1 },
      { from: 15, to: 30, count: 1 },
      { from: 30, to: 60, count: 0 },
      { from: 60, to: 120, count: 0 },
      { from: 120, count: 1 },
    ],
    airports: 2,
  })
  const airport = groups['airport']?.get(`${minute} "JFK"`)
  expect(airport).toMatchObject({ departures: 3, firstDelay: 14, lastDelay: 130, lateShare: 1 / 3 })
  const punctual = groups['airport']?.get(`${minute} "EWR"`)
  expect(punctual).toMatchObject({ late: 1, meanLateness: 15, delayVariance: 0 })
})

it('has no mean lateness where nobody is late', () => {
  const { groups } = recountAll([departureWith({ delay: 14 })]).punctuality
  expect(only(groups['airport'], minute)).toMatchObject({ late: 0, lateShare: 0, meanLateness: undefined })
})

it('tells short flights from medium and long ones', () => {
  const { groups } = recountAll(
    [499, 500, 1_499, 1_500].map((distance) => departureWith({ distance })),
  ).punctuality
  const counts = ['short', 'medium', 'long'].map(
    (haul) => groups['haul']?.get(`${minute} "${haul}"`)?.['departures'],
  )
  expect(counts).toEqual([1, 2, 1])
})

it('finds nothing in nothing', () => {
  const { flights, punctuality } = recountAll([])
  for (const { groups } of [flights, punctuality]) {
    expect(Object.values(groups).map(({ size }) => size)).toEqual([0, 0])
  }
})
