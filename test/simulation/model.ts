import { hash } from 'node:crypto'
import type { State } from '../../consumers/engine/measures/measure.ts'
import { lifetimesMs, pipelineName } from './pipeline.ts'
import type { PlannedEvent, PlannedWorld } from './plan.ts'
import { idText } from './stored-state.ts'

/*
 * What should come out, told a second time and as plainly as possible: nothing here is the engine's.
 */

/** An event as it should be stored: in the one cell of this pane and bucket, under this id, in these groups. */
export interface ModelEvent {
  readonly id: string
  readonly planned: PlannedEvent
  readonly paneStartMs: number
  readonly bucket: number
  /** In each grouping. */
  readonly groupKeys: readonly [origin: string, route: string]
  readonly miles: number
}

/** Where a record came to stand in the stream. */
export interface Place {
  readonly stream: string
  readonly shard: string
  readonly sequenceNumber: string
}

export function partitionKeyOf(world: PlannedWorld, event: PlannedEvent): string {
  return world.partitionBy === 'origin' ? event.origin : event.key
}

export function modelEvent(world: PlannedWorld, event: PlannedEvent, place: Place): ModelEvent {
  const timeMs = world.startMs + event.timeMs
  const key =
    world.identity === 'key' ? event.key : [place.stream, place.shard, place.sequenceNumber].join('|')
  const routingKey = world.bucketBy === 'origin' ? event.origin : partitionKeyOf(world, event)
  return {
    id: idText(hash('sha256', `${pipelineName.length}:${pipelineName}${key.length}:${key}`, 'buffer')),
    planned: event,
    paneStartMs: timeMs - (timeMs % lifetimesMs.pane),
    bucket: Number((hashSpacePosition(routingKey) * BigInt(world.buckets)) >> 128n),
    groupKeys: [event.origin, `${event.origin}|${event.destination}`],
    miles: event.miles,
  }
}

/** Where a text lies in the 128 bits of MD5. */
export function hashSpacePosition(text: string): bigint {
  return BigInt(`0x${hash('md5', text, 'hex')}`)
}

/** How a record that is read at all has to be judged by its times. */
export function timeVerdict(
  world: PlannedWorld,
  event: PlannedEvent,
  arrivalMs: number,
): 'late' | 'from-the-future' | 'in time' {
  const ageMs = arrivalMs - (world.startMs + event.timeMs)
  if (ageMs > lifetimesMs.lateness) return 'late'
  return -ageMs > lifetimesMs.futureSkew ? 'from-the-future' : 'in time'
}

/** When a pane's cells leave the cache. */
export function expiryMs(world: PlannedWorld, paneStartMs: number): number {
  return paneStartMs + lifetimesMs.pane + lifetimesMs.lateness + lifetimesMs.recordAge + world.retentionMs
}

/** The last moment at which anything is written to a pane: a minute before. */
export function gateMs(world: PlannedWorld, paneStartMs: number): number {
  return expiryMs(world, paneStartMs) - 60_000
}

/** What a set of events adds up to: per grouping, key -> states of departures, least, mean, sum and most miles. */
export function modelGroups(events: Iterable<ModelEvent>): Map<string, State[]>[] {
  const milesOf = [new Map<string, number[]>(), new Map<string, number[]>()] as const
  for (const { groupKeys, miles } of events) {
    for (const [grouping, key] of groupKeys.entries()) {
      const list = milesOf[grouping]?.get(key)
      if (list === undefined) milesOf[grouping]?.set(key, [miles])
      else list.push(miles)
    }
  }
  return milesOf.map((groups) => new Map([...groups].map(([key, miles]) => [key, statesOf(miles)])))
}

/** In the order of the measures' names. */
function statesOf(miles: readonly number[]): State[] {
  const exact = miles.reduce((total, each) => total + BigInt(each), 0n)
  const isWhole = exact >= Number.MIN_SAFE_INTEGER && exact <= Number.MAX_SAFE_INTEGER
  const sum = isWhole ? Number(exact) : exact
  return [miles.length, [Math.min(...miles)], [sum, miles.length], sum, [Math.max(...miles)]]
}

/** Whether two lists of groups say the same. */
export function sameGroups(
  a: readonly ReadonlyMap<string, readonly State[]>[],
  b: readonly ReadonlyMap<string, readonly State[]>[],
): boolean {
  return a.every((groups, grouping) => {
    const others = b[grouping]
    return (
      groups.size === others?.size &&
      [...groups].every(([key, states]) => sameState(states, others.get(key) ?? []))
    )
  })
}

function sameState(a: State | undefined, b: State | undefined): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return a === b
  return a.length === b.length && a.every((each: State, index) => sameState(each, b[index] as State))
}
