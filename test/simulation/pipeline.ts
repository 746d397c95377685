import * as z from 'zod'
import {
  count,
  definePipeline,
  max,
  mean,
  min,
  minutes,
  type Pipeline,
  sum,
  tumbling,
} from '../../consumers/engine/pipeline.ts'
import type { PlannedWorld } from './plan.ts'

const departureSchema = z.object({
  key: z.string(),
  timeMs: z.number(),
  origin: z.string(),
  destination: z.string(),
  miles: z.number(),
})

export type Departure = z.infer<typeof departureSchema>

export const pipelineName = 'departures'
/** Short, so that panes close and expire within a story. */
export const lifetimesMs = {
  pane: minutes(1),
  lateness: minutes(1),
  futureSkew: minutes(1),
  recordAge: minutes(1),
}

/** A pipeline with two groupings and a measure of every kind, as the world has it. */
export function pipelineOf(world: PlannedWorld): Pipeline {
  const common = {
    name: pipelineName,
    window: tumbling(lifetimesMs.pane),
    allowedLateness: lifetimesMs.lateness,
    allowedFutureSkew: lifetimesMs.futureSkew,
    maximumRecordAge: lifetimesMs.recordAge,
    retention: world.retentionMs,
    groupBy: {
      origin: (event: Departure) => event.origin,
      route: (event: Departure) => [event.origin, event.destination],
    },
    measures: {
      departures: count(),
      leastMiles: min((event: Departure) => event.miles),
      meanMiles: mean((event: Departure) => event.miles),
      miles: sum((event: Departure) => event.miles),
      mostMiles: max((event: Departure) => event.miles),
    },
    buckets: world.buckets,
    maximumGroups: world.maximumGroups,
  }
  const bucketBy = 'origin'
  if (world.identity === 'key') {
    return world.bucketBy === 'origin'
      ? definePipeline(departureSchema, { ...common, id, time, bucketBy })
      : definePipeline(departureSchema, { ...common, id, time })
  }
  return world.bucketBy === 'origin'
    ? definePipeline(departureSchema, { ...common, time, bucketBy })
    : definePipeline(departureSchema, { ...common, time })
}

function id(event: Departure): string {
  return event.key
}

function time(event: Departure): number {
  return event.timeMs
}
