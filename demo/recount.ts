import type { Departure } from './journal.ts'
import { early, exactVariance, extreme, nearestRank, total } from './statistics.ts'

/**
 * What a pipeline should have counted, worked out from the producer's journal alone. Nothing here is shared with the
 * engine: where both agree, both would have to be wrong in the same way.
 */
export interface Recount {
  /** Departures that the pipeline leaves out. */
  readonly filtered: number
  /** In so many windows each departure is. */
  readonly windowsPerDeparture: number
  /** Per grouping the groups' values, by `groupName`. */
  readonly groups: Readonly<Record<string, ReadonlyMap<string, Values>>>
  /** The measures that may be off, and by how much. All others are exact. */
  readonly estimates: Readonly<Record<string, EstimateBound>>
}

/** The values of one group in one window, by the names under which they are read back; exact, estimates too. */
export type Values = Readonly<Record<string, unknown>>

/** What is promised of a measure that is an estimate. */
export type EstimateBound =
  | { readonly kind: 'quantiles'; readonly relativeError: number }
  /** A count is exact up to `exactUpTo`. */
  | { readonly kind: 'distinct'; readonly exactUpTo: number; readonly standardError: number }

/** What is known of a pipeline here: its windows, what it counts, its groupings, and their values. */
interface Counting {
  readonly sizeMs: number
  readonly periodMs: number
  readonly counts: (departure: Departure) => boolean
  readonly groupings: Readonly<
    Record<
      string,
      {
        readonly keyOf: (departure: Departure) => string | readonly string[]
        readonly valuesOf: (departures: readonly Departure[]) => Values
      }
    >
  >
  readonly estimates: Readonly<Record<string, EstimateBound>>
}

const minuteMs = 60_000
const lateMinutes = 15
const histogramBounds = [0, 15, 30, 60, 120]

const flights: Counting = {
  sizeMs: minuteMs,
  periodMs: minuteMs,
  counts: () => true,
  groupings: {
    origin: {
      keyOf: ({ origin }) => origin,
      valuesOf: (all) => ({ ...flightValues(all), ...originValues(all) }),
    },
    route: { keyOf: ({ origin, destination }) => [origin, destination], valuesOf: flightValues },
  },
  estimates: {
    delayQuantiles: { kind: 'quantiles', relativeError: 0.01 },
    destinations: distinctBound(12),
  },
}

const punctuality: Counting = {
  sizeMs: 5 * minuteMs,
  periodMs: minuteMs,
  counts: ({ distance }) => distance >= 200,
  groupings: {
    airport: {
      keyOf: ({ origin }) => origin,
      valuesOf: (all) => ({ ...punctualityValues(all), ...airportValues(all) }),
    },
    haul: { keyOf: haulOf, valuesOf: (all) => ({ ...punctualityValues(all), ...haulValues(all) }) },
  },
  estimates: { airports: distinctBound(10) },
}

/** Recounts, by pipeline, departures of which each is there once. */
export function recountAll(
  departures: readonly Departure[],
): Readonly<Record<'flights' | 'punctuality', Recount>> {
  return { flights: recount(departures, flights), punctuality: recount(departures, punctuality) }
}

/** Names a group in a window, the same for a recounted one and a row that was read back. */
export function groupName(windowStart: number, key: string | readonly string[]): string {
  return `${windowStart} ${JSON.stringify(key)}`
}

function recount(departures: readonly Departure[], counting: Counting): Recount {
  const { sizeMs, periodMs, groupings, estimates } = counting
  const counted = departures.filter(counting.counts)
  const groups = Object.entries(groupings).map(([grouping, { keyOf, valuesOf }]) => {
    const members = new Map<string, Departure[]>()
    for (const departure of counted) {
      const newest = departure.sentAt - (departure.sentAt % periodMs)
      for (let start = newest; start + sizeMs > departure.sentAt; start -= periodMs) {
        const name = groupName(start, keyOf(departure))
        const group = members.get(name)
        if (group === undefined) members.set(name, [departure])
        else group.push(departure)
      }
    }
    return [grouping, new Map(Array.from(members, ([name, group]) => [name, valuesOf(group)]))] as const
  })
  return {
    filtered: departures.length - counted.length,
    windowsPerDeparture: sizeMs / periodMs,
    groups: Object.fromEntries(groups),
    estimates,
  }
}

function flightValues(all: readonly Departure[]): Values {
  const delays = all.map(({ delay }) => delay)
  return {
    departures: all.length,
    distance: total(all.map(({ distance }) => distance)),
    meanDelay: total(delays) / all.length,
    bestDelay: Math.min(...delays),
    worstDelay: Math.max(...delays),
  }
}

function originValues(all: readonly Departure[]): Values {
  const delays = all.map(({ delay }) => delay).sort((a, b) => a - b)
  const quantile = (probability: number): number => nearestRank(delays, probability)
  return {
    delayQuantiles: { p50: quantile(0.5), p90: quantile(0.9), p95: quantile(0.95), p99: quantile(0.99) },
    destinations: new Set(all.map(({ destination }) => destination)).size,
  }
}

function punctualityValues(all: readonly Departure[]): Values {
  const delays = all.map(({ delay }) => delay)
  const late = delays.filter((delay) => delay >= lateMinutes)
  const delayVariance = exactVariance(delays)
  return {
    departures: all.length,
    late: late.length,
    lateShare: late.length / all.length,
    meanLateness: late.length === 0 ? undefined : total(late) / late.length,
    // A minute is 5/3 hundredths of an hour, of which each departure's are rounded.
    delayHours: total(delays.map((delay) => Math.round((delay * 5) / 3))) / 100,
    bestDelay: Math.min(...delays),
    worstDelay: Math.max(...delays),
    delayVariance,
    delayDeviation: Math.sqrt(delayVariance),
  }
}

function airportValues(all: readonly Departure[]): Values {
  return {
    firstDelay: extreme(all, early('punctuality')).delay,
    lastDelay: extreme(all, (a, b) => early('punctuality')(b, a)).delay,
  }
}

function haulValues(all: readonly Departure[]): Values {
  const bounds = [-Infinity, ...histogramBounds, Infinity]
  const delays = bounds.slice(1).map((to, index) => {
    const from = bounds[index] ?? Number.NaN
    const count = all.filter(({ delay }) => delay >= from && delay < to).length
    return { ...(from > -Infinity && { from }), ...(to < Infinity && { to }), count }
  })
  return { delays, airports: new Set(all.map(({ origin }) => origin)).size }
}

function haulOf({ distance }: Departure): string {
  return distance < 500 ? 'short' : distance < 1_500 ? 'medium' : 'long'
}

/** Exact while hashes of 8 bytes take less than 2^precision registers of 6 bits do. */
function distinctBound(precision: number): EstimateBound {
  const exactUpTo = (2 ** precision * 6) / 8 / 8 - 1
  return { kind: 'distinct', exactUpTo, standardError: 1.04 / Math.sqrt(2 ** precision) }
}
