import type { FaultName } from './plan.ts'
import { asNewerCodec, placeOf } from './stored-state.ts'
import type { World } from './world.ts'

/** How long a head stays written by a later release, at most. */
const newerCodecMs = 20_000

/** What may befall the items at rest; it is tried before each request is applied. */
export function decay(world: World): void {
  if (strikes(world, 'headEvicted', true, (address) => world.cache.evict(address))) {
    world.saw('head evicted')
  }
  if (strikes(world, 'segmentEvicted', false, (address) => world.cache.evict(address))) {
    world.saw('segment evicted')
  }
  if (strikes(world, 'damagedAtRest', undefined, (address) => damage(world, address))) {
    world.saw('damaged at rest')
  }
  if (strikes(world, 'headRolledBack', true, (address) => rollBack(world, address))) {
    world.saw('head rolled back')
  }
  const { cache, random, scheduler } = world
  if (!world.happens('newerCodec')) return
  const address = random.pickAny(cache.addresses().filter((each) => placeOf(each).isHead))
  const item = address === undefined ? undefined : cache.item(address)
  // A release writes whole items only.
  const isWhole = address !== undefined && cache.history(address).some(({ bytes }) => bytes === item?.bytes)
  if (address === undefined || item === undefined || !isWhole) return
  const newer = asNewerCodec(item.bytes)
  world.tell(() => `${shortName(address)} is written by a newer release`)
  cache.spoil(address, newer)
  const untilMs = Math.min(world.nowMs + random.below(newerCodecMs), world.quietAtMs)
  // The later release is taken back, and so is what it wrote, unless that is gone or spoiled by now.
  scheduler.at(untilMs, () => {
    const still = cache.item(address)
    if (still !== undefined && Buffer.compare(still.bytes, newer) === 0) cache.spoil(address, item.bytes)
  })
}

/** Bytes with a flipped bit, or cut. */
export function damaged(world: World, bytes: Uint8Array): Uint8Array {
  const { random } = world
  const at = random.below(bytes.length)
  if (random.chance(0.3)) return bytes.slice(0, at)
  const copy = Uint8Array.from(bytes)
  copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8))
  return copy
}

/** The cell that an address is of, or is. */
export function cellOf(address: string): string {
  return address.split(':').slice(0, 5).join(':')
}

/** An address as the story names it. */
export function shortName(address: string): string {
  const [, , , pane, bucket, segment] = address.split(':')
  const minute = new Date(Number(pane)).toISOString().slice(11, 16)
  return `cell ${minute}/${bucket}${segment === undefined ? '' : ` segment ${segment.slice(0, 6)}`}`
}

function strikes(
  world: World,
  fault: FaultName,
  onHeads: boolean | undefined,
  strike: (address: string) => void,
): boolean {
  if (!world.happens(fault)) return false
  const met = world.cache
    .addresses()
    .filter((each) => world.cache.item(each) !== undefined)
    .filter((each) => onHeads === undefined || placeOf(each).isHead === onHeads)
  const justMet = met.find((each) => each === world.lastMet[onHeads === false ? 'segment' : 'head'])
  // At best while whoever has asked for it has not heard the answer yet.
  const address = (world.random.chance(0.5) ? justMet : undefined) ?? world.random.pickAny(met)
  if (address === undefined) return false
  world.tell(() => `${shortName(address)}: ${fault}`)
  strike(address)
  world.loses(cellOf(address))
  if (!placeOf(address).isHead) world.lostSegments.add(address)
  return true
}

function damage(world: World, address: string): void {
  const item = world.cache.item(address)
  if (item !== undefined) world.cache.spoil(address, damaged(world, item.bytes))
}

function rollBack(world: World, address: string): void {
  const earlier = world.random.pickAny(world.cache.history(address))
  if (earlier !== undefined) world.cache.spoil(address, earlier.bytes)
}
