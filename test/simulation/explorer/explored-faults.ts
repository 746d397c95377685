import type { StoredBytes } from '../../../consumers/engine/ports.ts'
import { cellOf } from '../decay.ts'
import { asNewerCodec, placeOf } from '../stored-state.ts'
import type { World } from '../world.ts'

/** What becomes of a request, and of whoever made it. */
export interface Way {
  readonly name: string
  /** What befalls the items at rest just before. */
  readonly strike?: () => void
  /** What a read is answered with instead of what is stored. */
  readonly served?: { readonly bytes: StoredBytes | undefined }
  /** The item is left as it is. */
  readonly isLost?: true
  /** The write is applied at some later time. */
  readonly isLate?: true
  /** Nobody hears the answer in time. */
  readonly isUnheard?: true
  /** What becomes of the invocation: it is dead, or goes on beside another one in its instance, or in a new one. */
  readonly invocation?: 'dead' | 'zombie' | 'zombie elsewhere'
}

/** A request that is about to be applied. */
export interface ExploredRequest {
  readonly address: string
  readonly kind: 'consistent' | 'balanced' | 'write'
}

export const through: Way = { name: 'through' }

/**
 * All that can go wrong with a request. Errors that say so at once (throttled, internal) are left out: the engine does
 * after them what it does after a time-out, a second earlier.
 */
export function faultsOf(world: World, request: ExploredRequest): Way[] {
  return [
    { name: 'answer lost', isUnheard: true },
    { name: 'killed after', invocation: 'dead' },
    { name: 'killed before', isLost: true, invocation: 'dead' },
    { name: 'zombie', invocation: 'zombie' },
    { name: 'zombie elsewhere', invocation: 'zombie elsewhere' },
    { name: 'lost', isLost: true, isUnheard: true },
    ...(request.kind === 'write'
      ? [{ name: 'late', isLost: true, isLate: true, isUnheard: true } as const]
      : []),
    ...spoiltAnswers(world, request),
    ...losses(world),
  ]
}

function spoiltAnswers({ cache }: World, { address, kind }: ExploredRequest): Way[] {
  const item = cache.item(address)
  if (kind === 'write') return []
  const ways: Way[] = []
  if (kind === 'balanced') {
    ways.push({ name: 'stale miss', served: { bytes: undefined } })
    for (const earlier of cache.history(address).slice(0, -1)) {
      ways.push({ name: 'stale read', served: { bytes: earlier } })
    }
  }
  if (item !== undefined) {
    ways.push({
      name: 'damaged in transit',
      served: { bytes: { bytes: flipped(item.bytes), hash: item.hash } },
    })
  }
  return ways
}

/** Of every item that there is. */
function losses(world: World): Way[] {
  const { cache } = world
  return cache.addresses().flatMap((address): Way[] => {
    const item = cache.item(address)
    if (item === undefined) return []
    const { isHead } = placeOf(address)
    const lose = (name: string, strike: () => void): Way => ({
      name: `${isHead ? 'head' : 'segment'} ${name}`,
      strike: () => {
        strike()
        world.loses(cellOf(address))
        if (!isHead) world.lostSegments.add(address)
      },
    })
    const earlier = isHead ? cache.history(address).filter(({ hash }) => hash !== item.hash) : []
    return [
      lose('evicted', () => cache.evict(address)),
      lose('damaged', () => cache.spoil(address, flipped(item.bytes))),
      ...earlier.map(({ bytes }) => lose('rolled back', () => cache.spoil(address, bytes))),
    ]
  })
}

/** A head becomes a later release’s until it is taken back. */
export function writtenByNewerRelease({ cache }: World, address: string): (() => void) | undefined {
  const item = cache.item(address)
  if (item === undefined) return undefined
  const newer = asNewerCodec(item.bytes)
  cache.spoil(address, newer)
  return () => {
    const still = cache.item(address)
    if (still !== undefined && Buffer.compare(still.bytes, newer) === 0) cache.spoil(address, item.bytes)
  }
}

function flipped(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes)
  const at = copy.length >> 1
  copy[at] = (copy[at] ?? 0) ^ 1
  return copy
}
