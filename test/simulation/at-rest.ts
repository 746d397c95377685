import { stateOf } from './stored-invariants.ts'
import { foldedGroups, groupBytes, placeOf, type StoredState } from './stored-state.ts'
import type { Stream, StreamRecord } from './stream.ts'
import { gateMs, timeVerdict } from './model.ts'
import { mostClockSkewMs, replayDelayMs, type World } from './world.ts'

/** Held when the story is over: nothing is under way, and nothing will be. */
export function checkAtRest(world: World, stream: Stream): void {
  const states = headsAtRest(world)
  const held = new Map(states.map((state) => [state.address, state]))
  const records = stream.shards.flatMap((shard) => shard.records)
  checkFates(world, records)
  checkNothingMissing(world, held)
  for (const state of states) checkOrderIndependence(world, state, records)
  for (const state of states) {
    world.trace.noteText(state.address)
    world.trace.noteHash(groupBytes(state.groups))
  }
}

/** All heads that are there and can be read. */
export function headsAtRest(world: World): StoredState[] {
  return world.cache
    .addresses()
    .filter((address) => placeOf(address).isHead)
    .flatMap((address) => {
      const item = world.cache.item(address)
      if (item === undefined) return []
      const state = stateOf(world, address, item.bytes)
      return typeof state === 'string' ? [] : [state]
    })
}

/** Every record was acknowledged by an invocation, or discarded by a mapping. */
function checkFates(world: World, records: readonly StreamRecord[]): void {
  const answered = new Set(world.deliveries.map(({ record }) => record.place.sequenceNumber))
  for (const { place, planned } of records) {
    world.check(
      answered.has(place.sequenceNumber) || world.discarded.has(place.sequenceNumber),
      'every record ends with a fate',
      () => planned.key,
    )
  }
}

/**
 * What was acknowledged as stored is there, unless its cell has lost something since; a delivery that began a minute
 * after the last loss, as a replay's do, is there in any case. That nothing is there twice, or that was never sent, is
 * held at every write.
 */
function checkNothingMissing(world: World, held: ReadonlyMap<string, StoredState>): void {
  const byPlace = new Map([...held.values()].map((state) => [placeName(placeOf(state.address)), state]))
  const lost = new Map(
    [...world.lostAtMs].map(([address, lostAtMs]) => [placeName(placeOf(address)), lostAtMs]),
  )
  for (const { record, startedAtMs, endedAtMs, isRejected } of world.deliveries) {
    const { event } = record
    if (event === undefined || isRejected) continue
    const isLive = world.nowMs <= gateMs(world.plan.world, event.paneStartMs) - mostClockSkewMs
    const lostAtMs = lost.get(placeName(event))
    const isSafe = lostAtMs === undefined || startedAtMs >= lostAtMs + replayDelayMs
    if (!isLive || !isSafe) continue
    const state = byPlace.get(placeName(event))
    world.check(
      state?.ids.has(event.id) === true && state.segments.every(({ address }) => isWhole(world, address)),
      lostAtMs === undefined ? 'what was acknowledged is there' : 'a replay repairs a loss',
      () => `${event.planned.key}, acknowledged at ${new Date(endedAtMs).toISOString()}`,
    )
  }
}

/** Whether a segment is there, as it was written. */
function isWhole({ cache }: World, address: string): boolean {
  const item = cache.item(address)
  const [written] = cache.history(address)
  return item !== undefined && written !== undefined && Buffer.compare(item.hash, written.hash) === 0
}

/** Folding the same events in any other order gives the same bytes. */
function checkOrderIndependence(world: World, state: StoredState, records: readonly StreamRecord[]): void {
  const sources = new Map(
    records.flatMap(({ event, source, planned, arrivalMs }) =>
      event !== undefined &&
      'payload' in source &&
      timeVerdict(world.plan.world, planned, arrivalMs) === 'in time'
        ? [[event.id, source]]
        : [],
    ),
  )
  const inAnyOrder = world.random.shuffled([...state.ids].sort()).flatMap((id) => sources.get(id) ?? [])
  const refolded = foldedGroups(world.pipeline, state.address, inAnyOrder)
  world.check(
    Buffer.compare(groupBytes(refolded), groupBytes(state.groups)) === 0,
    'groups are the same bytes in whatever order',
    () => state.address,
  )
}

function placeName({ paneStartMs, bucket }: { paneStartMs: number; bucket: number }): string {
  return `${paneStartMs}/${bucket}`
}
