import type { Pipeline } from '../../consumers/engine/pipeline.ts'
import type { Item } from './cache.ts'
import { shortName } from './decay.ts'
import { expiryMs, gateMs, sameGroups } from './model.ts'
import type { Write } from './store.ts'
import { placeOf, type StoredState, storedState } from './stored-state.ts'
import { mostClockSkewMs, type World } from './world.ts'

/** Segments live that much longer than their heads. */
const segmentSlackMs = 600_000

/** A segment is lost only where a second read says so too. */
const readsThatConfirm = 2

const states = new WeakMap<Uint8Array, ReturnType<typeof storedState>>()

/** What an item's bytes are. Segments are taken from all that was ever stored: a lost one's ids still count. */
export function stateOf(world: World, address: string, bytes: Uint8Array): ReturnType<typeof storedState> {
  const known = states.get(bytes)
  if (known !== undefined) return known
  const pipeline: Pipeline = world.pipeline
  const state = storedState(pipeline, address, bytes, (segment) => world.cache.history(segment)[0]?.bytes)
  states.set(bytes, state)
  return state
}

/** Held against every write when it is sent: in time, and no longer than its pane. `nowMs` is the writer's own clock. */
export function checkSentWrite(world: World, write: Write, nowMs: number): void {
  const { paneStartMs, isHead } = placeOf(write.address)
  const { plan } = world
  const check = world.check.bind(world)
  check(nowMs <= gateMs(plan.world, paneStartMs), 'nothing is written past the gate', () =>
    describe(write, nowMs),
  )
  const leftMs = expiryMs(plan.world, paneStartMs) - nowMs
  const ttlMs = isHead
    ? Math.floor(leftMs / 1_000) * 1_000
    : Math.ceil((leftMs + segmentSlackMs) / 1_000) * 1_000
  check(
    write.ttlMs === ttlMs,
    'the time to live ends with the pane',
    () => `${describe(write, nowMs)}, not ${ttlMs} ms`,
  )
}

/** Held against every head at the moment it is stored. */
export function checkStoredHead(
  world: World,
  write: Write,
  item: Item,
  before: Item | undefined,
): StoredState | undefined {
  const { address } = write
  const check = world.check.bind(world)
  const name = (): string => shortName(address)
  const { paneStartMs, bucket } = placeOf(address)
  check(world.nowMs <= expiryMs(world.plan.world, paneStartMs), 'nothing is stored past its expiry', name)

  const state = stateOf(world, address, item.bytes)
  if (state === 'damaged' || state === 'newer codec') {
    check(false, 'what is stored can be read', name)
    return undefined
  }
  check(state.ids.size === state.idCount, 'no id is there twice', () => `${name()}: ${state.idCount} ids`)
  const events = [...state.ids].flatMap((id) => world.events.get(id) ?? [])
  check(events.length === state.ids.size, 'every id is of an event that was sent', name)
  check(
    events.every((event) => event.paneStartMs === paneStartMs && event.bucket === bucket),
    'every event is in its own cell',
    name,
  )
  check(sameGroups(world.groupsOf(events), state.groups), 'the groups are the fold of exactly the ids', name)
  for (const { address: segment } of state.segments) {
    const expiresAtMs = world.cache.history(segment)[0]?.expiresAtMs ?? 0
    check(expiresAtMs >= item.expiresAtMs, 'no head outlives its segments', () => shortName(segment))
  }
  checkNothingGone(world, state, before)
  checkFresh(world, state, item, before)
  return state
}

/** Held against every state that a head is given up for: it goes on in it, or was lost. */
function checkNothingGone(world: World, state: StoredState, before: Item | undefined): void {
  const { address } = state
  const name = (): string => shortName(address)
  world.check(
    !state.lossy || world.mayHaveLost.has(address),
    'a loss is reported only where there may have been one',
    name,
  )
  if (before === undefined) return
  const earlier = stateOf(world, address, before.bytes)
  // Whoever read it consistently got damaged bytes with the hash of good ones: that is a lost cell.
  const wasSpoilt = world.spoiltReads.has(Buffer.from(before.hash).toString('hex'))
  if (earlier === 'newer codec') {
    world.check(wasSpoilt, 'a newer release’s bytes are never overwritten', name)
    world.loses(address)
  } else if (earlier === 'damaged') {
    world.check(state.lossy, 'a cell that was damaged is lossy', name)
  } else {
    const isWhole = [...earlier.ids].every((id) => state.ids.has(id))
    if (isWhole) return
    const named = earlier.segments.map((segment) => segment.address)
    const hasLostSegment = named.some((segment) => world.lostSegments.has(segment))
    const hasSpoilt =
      wasSpoilt || named.some((segment) => (world.spoiltSegments.get(segment) ?? 0) >= readsThatConfirm)
    world.check(hasLostSegment || hasSpoilt, 'no event goes from its cell', name)
    world.check(state.lossy, 'a cell that was lost is lossy', name)
    if (hasLostSegment) world.saw('segment confirmed lost')
    // A segment’s loss was noted when it happened: a replay that begins a minute later has to repair it.
    else world.loses(address)
  }
}

/** A change has a version and a nonce of its own, so that no two states ever share a hash. */
function checkFresh(world: World, state: StoredState, item: Item, before: Item | undefined): void {
  const earlier = before === undefined ? undefined : stateOf(world, state.address, before.bytes)
  if (before === undefined || typeof earlier !== 'object' || Buffer.compare(before.bytes, item.bytes) === 0)
    return
  const isNext = state.incarnation !== earlier.incarnation || state.version === earlier.version + 1
  world.check(isNext, 'a change is the next version', () => shortName(state.address))
  world.check(state.nonce !== earlier.nonce, 'a change has a fresh nonce', () => shortName(state.address))
}

/** What a swap replaced; `undefined` for nothing that can be read. */
export function baseOf(world: World, { address }: Write, before: Item | undefined): StoredState | undefined {
  const state = before === undefined ? undefined : stateOf(world, address, before.bytes)
  return typeof state === 'object' ? state : undefined
}

/** How many ids the state has that were not there before. */
export function addedIds(world: World, state: StoredState, before: Item | undefined): number {
  const earlier = before === undefined ? undefined : stateOf(world, state.address, before.bytes)
  if (earlier === undefined || typeof earlier === 'string' || earlier.incarnation !== state.incarnation) {
    return state.ids.size
  }
  return [...state.ids].filter((id) => !earlier.ids.has(id)).length
}

/** Counts the situations that a stored head shows. */
export function noteStoredHead(
  world: World,
  state: StoredState,
  write: Write,
  before: Item | undefined,
): void {
  const earlier = before === undefined ? undefined : stateOf(world, write.address, before.bytes)
  if (earlier === undefined || typeof earlier === 'string' || earlier.incarnation !== state.incarnation) {
    if (state.lossy) world.saw('lossy restart')
    return
  }
  if (earlier.nonce === state.nonce) world.saw('unchanged cell swapped for itself')
  if (state.segments.length > earlier.segments.length) world.saw('sealed')
}

/** Counts a write that was sent although, by true time, the pane was closed: only a skewed clock does that. */
export function noteSkewAtGate(world: World, { address }: Write, clockMs: number): void {
  const { paneStartMs } = placeOf(address)
  const closesAtMs = gateMs(world.plan.world, paneStartMs)
  if (clockMs <= closesAtMs && world.nowMs > closesAtMs) world.saw('clock skew at the gate')
  world.check(world.nowMs <= closesAtMs + mostClockSkewMs, 'no clock is further off than it may be', () =>
    shortName(address),
  )
}

function describe({ kind, address, ttlMs }: Write, nowMs: number): string {
  return `a ${kind} of ${shortName(address)} for ${ttlMs} ms at ${new Date(nowMs).toISOString()}`
}
