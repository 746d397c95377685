import {
  count,
  definePipeline,
  distinct,
  hours,
  max,
  mean,
  min,
  minutes,
  quantiles,
  sum,
  tumbling,
} from '../engine/pipeline.ts'
import { flightSchema } from './event.ts'

/** Departures a minute, by airport and by route. */
export const flights = definePipeline(flightSchema, {
  name: 'flights',
  id: (flight) => flight.flightId,
  time: (flight) => flight.sentAt,
  window: tumbling(minutes(1)),
  allowedLateness: minutes(5),
  maximumRecordAge: hours(1),
  retention: hours(6),
  groupBy: {
    origin: (flight) => flight.origin,
    route: (flight) => [flight.origin, flight.destination],
  },
  measures: {
    departures: count(),
    distance: sum((flight) => flight.distance),
    meanDelay: mean((flight) => flight.delay),
    bestDelay: min((flight) => flight.delay),
    worstDelay: max((flight) => flight.delay),
    delayQuantiles: quantiles((flight) => flight.delay, { on: ['origin'] }),
    destinations: distinct((flight) => flight.destination, { on: ['origin'] }),
  },
  bucketBy: 'origin',
  buckets: 4,
  maximumGroups: 5_000,
})
