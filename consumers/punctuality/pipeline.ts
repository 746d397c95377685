import {
  count,
  definePipeline,
  distinct,
  first,
  histogram,
  hopping,
  hours,
  last,
  max,
  mean,
  min,
  minutes,
  ratio,
  standardDeviation,
  sum,
  variance,
} from '../engine/pipeline.ts'
import { type Departure, departureSchema } from './event.ts'

/** From this delay on a flight counts as late (US Bureau of Transportation Statistics). */
const lateMinutes = 15
/** Shorter flights have little time to be late in. */
const leastDistanceMiles = 200
const shortHaulMiles = 500
const mediumHaulMiles = 1_500

const delay = (departure: Departure): number => departure.delay
const delayHours = (departure: Departure): string => (departure.delay / 60).toFixed(2)
const isLate = (departure: Departure): boolean => departure.delay >= lateMinutes

/** How punctual the departures of the last five minutes were, every minute anew, by airport and by length. */
export const punctuality = definePipeline(departureSchema, {
  name: 'punctuality',
  id: (departure) => departure.flightId,
  time: (departure) => departure.sentAt,
  window: hopping(minutes(5), minutes(1)),
  allowedLateness: minutes(5),
  maximumRecordAge: hours(1),
  retention: hours(6),
  where: (departure) => departure.distance >= leastDistanceMiles,
  groupBy: {
    airport: (departure) => departure.origin,
    haul: haulOf,
  },
  measures: {
    departures: count(),
    late: count({ where: isLate }),
    lateShare: ratio(count({ where: isLate }), count()),
    meanLateness: mean(delay, { where: isLate }),
    delayHours: sum(delayHours, { decimals: 2 }),
    bestDelay: min(delay),
    worstDelay: max(delay),
    delayVariance: variance(delay),
    delayDeviation: standardDeviation(delay),
    firstDelay: first(delay, { on: ['airport'] }),
    lastDelay: last(delay, { on: ['airport'] }),
    delays: histogram(delay, { bounds: [0, lateMinutes, 30, 60, 120], on: ['haul'] }),
    airports: distinct((departure) => departure.origin, { on: ['haul'], precision: 10 }),
  },
  bucketBy: 'airport',
  buckets: 4,
})

function haulOf({ distance }: Departure): string {
  if (distance < shortHaulMiles) return 'short'
  return distance < mediumHaulMiles ? 'medium' : 'long'
}
