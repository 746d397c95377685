import { StoreError } from '../../consumers/engine/errors.ts'
import type { CellStore, StoredBytes } from '../../consumers/engine/ports.ts'
import type { Item } from './cache.ts'
import { cellOf, damaged, decay, shortName } from './decay.ts'
import { stateOf } from './stored-invariants.ts'
import { placeOf } from './stored-state.ts'
import { longestLateApplyMs, type World } from './world.ts'

export const requestTimeoutMs = 1_000
/** One way of a request that nothing holds up. */
const travelMs = 12

/** A write on its way. */
export interface Write {
  readonly kind: 'create' | 'replace'
  readonly address: string
  readonly bytes: Uint8Array
  readonly ttlMs: number
  readonly sentAtMs: number
}

/** Whoever makes requests, and what it wants to know of them. */
export interface Requester {
  readonly name: string
  /** Runs what the store has to tell, when and if the requester can still hear it. */
  hear(run: () => void): void
  sentRead(address: string): void
  heardRead(address: string, answer: StoredBytes | undefined | 'failed'): void
  sentWrite(write: Write): void
  /** `item` is what the write has stored; `before` what was there; `undefined` for none. */
  applied(write: Write, item: Item | undefined, before: Item | undefined, isLate: boolean): void
  heardWrite(write: Write, isStored: boolean): void
}

/** What becomes of a request: when it is applied, and when the requester hears what. */
interface Way {
  readonly appliedAfterMs: number | undefined
  readonly heardAfterMs: number
  readonly failure: string | undefined
  readonly isLate: boolean
}

/** The store as one requester sees it, with all that can go wrong with a request. */
export function simulatedStore(world: World, requester: Requester): CellStore {
  const { scheduler, cache, random, trace } = world
  /** Heads of which the last consistent answer could not be read. */
  const spoilt = new Set<string>()

  const request = <T>(
    address: string,
    apply: (isLate: boolean) => T,
    heard: (answer: T | 'failed') => void,
  ): Promise<T> =>
    new Promise((resolve, reject) => {
      world.requests++
      const way = drawWay(world)
      let answer: { readonly value: T } | undefined
      if (way.appliedAfterMs !== undefined) {
        scheduler.after(way.appliedAfterMs, () => {
          decay(world)
          world.lastMet[placeOf(address).isHead ? 'head' : 'segment'] = address
          answer = { value: apply(way.isLate) }
        })
      }
      scheduler.after(way.heardAfterMs, () => {
        requester.hear(() => {
          if (way.failure === undefined && answer !== undefined) {
            heard(answer.value)
            resolve(answer.value)
          } else {
            heard('failed')
            const code = way.failure ?? 'timeout'
            reject(new StoreError(code, { code }))
          }
        })
      })
    })

  /** A head is lost where two consistent reads, one after the other, say so. */
  const noteSpoilt = (address: string, answer: StoredBytes | undefined | 'failed'): void => {
    const isGood =
      answer === undefined || answer === 'failed' || stateOf(world, address, answer.bytes) !== 'damaged'
    if (isGood) spoilt.delete(address)
    else if (spoilt.has(address)) world.spoiltReads.add(Buffer.from(answer.hash).toString('hex'))
    else spoilt.add(address)
  }

  const write = (
    kind: Write['kind'],
    address: string,
    bytes: Uint8Array,
    ttl: number,
    oldHash?: Uint8Array,
  ) => {
    const sent: Write = { kind, address, bytes, ttlMs: ttl * 1_000, sentAtMs: world.nowMs }
    requester.sentWrite(sent)
    world.tell(() => `${requester.name} sends a ${kind} of ${shortName(address)}`)
    return request(
      address,
      (isLate): Uint8Array | undefined => {
        const before = cache.item(address)
        const item =
          oldHash === undefined
            ? cache.createIfAbsent(address, bytes, sent.ttlMs)
            : cache.replaceIfEqual(address, bytes, oldHash, sent.ttlMs)
        if (item !== undefined) trace.noteHash(item.hash)
        world.tell(
          () => `${requester.name}’s ${kind} of ${shortName(address)}: ${item ? 'stored' : 'refused'}`,
        )
        requester.applied(sent, item, before, isLate)
        return item?.hash
      },
      (answer) => {
        if (answer !== 'failed') requester.heardWrite(sent, answer !== undefined)
      },
    )
  }

  return {
    requestTimeoutMs,
    read: (address, consistency) => {
      requester.sentRead(address)
      return request(
        address,
        (): StoredBytes | undefined => {
          const item = cache.item(address)
          if (consistency === 'balanced' && world.happens('staleMiss')) {
            if (item !== undefined) world.saw('stale miss')
            return undefined
          }
          const earlier = consistency === 'balanced' ? random.pickAny(cache.history(address)) : undefined
          if (earlier !== undefined && world.happens('staleRead')) {
            if (earlier.hash !== item?.hash) world.saw('stale read')
            return { bytes: earlier.bytes, hash: earlier.hash }
          }
          // Only of what is whole at rest: damage to damage may mend it.
          const isWhole = cache.history(address).some(({ bytes }) => bytes === item?.bytes)
          if (item !== undefined && world.happens('damagedInTransit') && isWhole) {
            world.saw('damaged in transit')
            world.mayHaveLost.add(cellOf(address))
            if (!placeOf(address).isHead) {
              world.spoiltSegments.set(address, (world.spoiltSegments.get(address) ?? 0) + 1)
            }
            return { bytes: damaged(world, item.bytes), hash: item.hash }
          }
          return item === undefined ? undefined : { bytes: item.bytes, hash: item.hash }
        },
        (answer) => {
          if (!placeOf(address).isHead && answer !== 'failed') world.saw('segment read')
          if (placeOf(address).isHead && consistency === 'consistent') noteSpoilt(address, answer)
          requester.heardRead(address, answer)
        },
      )
    },
    createIfAbsent: (address, bytes, ttl) => write('create', address, bytes, ttl),
    replaceIfEqual: (address, bytes, hash, ttl) => write('replace', address, bytes, ttl, hash),
  }
}

function drawWay(world: World): Way {
  const { random } = world
  const outMs = random.between(1, travelMs)
  const backMs = random.between(1, travelMs)
  const prompt = { appliedAfterMs: outMs, heardAfterMs: outMs + backMs, failure: undefined, isLate: false }
  if (world.happens('throttled')) {
    world.saw('throttled')
    return { ...prompt, appliedAfterMs: undefined, failure: 'throttled' }
  }
  if (world.happens('requestLost')) {
    world.saw('request lost')
    return { ...prompt, appliedAfterMs: undefined, heardAfterMs: requestTimeoutMs, failure: 'timeout' }
  }
  if (world.happens('answerLost')) {
    world.saw('answer lost')
    return { ...prompt, heardAfterMs: requestTimeoutMs, failure: 'timeout' }
  }
  if (world.happens('lateApply')) {
    const lateMs = requestTimeoutMs + random.below(random.pick([200, 5_000, longestLateApplyMs]))
    return { appliedAfterMs: lateMs, heardAfterMs: requestTimeoutMs, failure: 'timeout', isLate: true }
  }
  if (world.happens('internalError')) {
    world.saw('internal error after applying')
    return { ...prompt, failure: 'internal' }
  }
  if (world.happens('delayed')) {
    const delayMs = random.below(requestTimeoutMs * 1.2)
    // It is the request that is held up, or its answer.
    const appliedAfterMs = outMs + (random.chance(0.5) ? delayMs : random.below(delayMs))
    if (appliedAfterMs >= requestTimeoutMs) world.saw('delayed past the time-out')
    const isUnheard = outMs + delayMs + backMs >= requestTimeoutMs
    return {
      appliedAfterMs,
      heardAfterMs: isUnheard ? requestTimeoutMs : outMs + delayMs + backMs,
      failure: isUnheard ? 'timeout' : undefined,
      isLate: appliedAfterMs >= requestTimeoutMs,
    }
  }
  return prompt
}
