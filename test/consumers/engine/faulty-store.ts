import { StoreError } from '../../../consumers/engine/errors.ts'
import type { CellStore, ReadConsistency, StoredBytes } from '../../../consumers/engine/ports.ts'
import type { MemoryCellStore } from '../../contract/memory-cell-store.ts'
import type { SeededRandom } from './seeded-random.ts'
import type { SeededScheduler } from './seeded-scheduler.ts'

/** What goes wrong, as shares of the requests. */
export interface FaultRates {
  /** Never arrives. */
  readonly lost: number
  /** Is applied, but the answer is lost. */
  readonly answerLost: number
  /** Is given up, and applied some time after. */
  readonly late: number
  /** A balanced read that answers an earlier value. */
  readonly stale: number
  /** A balanced read that answers a miss. */
  readonly staleMiss: number
}

/** How often something happened. */
export type Situations = Record<keyof FaultRates | 'refused' | 'stored', number>

/** The world that the requests of all instances meet in. */
export interface FaultyWorld {
  readonly memory: MemoryCellStore
  readonly scheduler: SeededScheduler
  readonly random: SeededRandom
  readonly rates: FaultRates
  readonly situations: Situations
  /** Every value that an item ever had. */
  readonly history: Map<string, StoredBytes[]>
  /** Called with each value at the moment it is stored. */
  readonly onStored: (address: string, bytes: Uint8Array) => void
}

/**
 * The store as one invocation sees it. A request travels, is applied and is answered in turns of their own, with any
 * number of others' in between. `onAcknowledged` is called with what the invocation was told is stored.
 */
export function faultyStore(
  world: FaultyWorld,
  onAcknowledged: (address: string, bytes: Uint8Array) => void,
): CellStore {
  const { memory, scheduler, random, rates, situations, history } = world
  const happens = (fault: keyof FaultRates): boolean => {
    const does = random.chance(rates[fault])
    if (does) situations[fault]++
    return does
  }

  const request = async <T>(apply: () => Promise<T>): Promise<T> => {
    await scheduler.turn()
    if (happens('lost')) throw new StoreError('lost')
    if (happens('late')) {
      void scheduler.turn().then(apply)
      throw new StoreError('given up')
    }
    const answer = await apply()
    await scheduler.turn()
    if (happens('answerLost')) throw new StoreError('answer lost')
    return answer
  }

  const write = async (
    address: string,
    bytes: Uint8Array,
    apply: () => Promise<Uint8Array | undefined>,
  ): Promise<Uint8Array | undefined> => {
    const hash = await request(async () => {
      const applied = await apply()
      situations[applied === undefined ? 'refused' : 'stored']++
      if (applied !== undefined) {
        history.set(address, [...(history.get(address) ?? []), { bytes, hash: applied }])
        world.onStored(address, bytes)
      }
      return applied
    })
    if (hash !== undefined) onAcknowledged(address, bytes)
    return hash
  }

  return {
    requestTimeoutMs: memory.requestTimeoutMs,
    read: (address: string, consistency: ReadConsistency) =>
      request(async () => {
        const balanced = consistency === 'balanced'
        if (balanced && happens('staleMiss')) return undefined
        const earlier = history.get(address) ?? []
        if (balanced && earlier.length > 0 && happens('stale')) return earlier[random.below(earlier.length)]
        return memory.read(address)
      }),
    createIfAbsent: (address, bytes, ttlSeconds) =>
      write(address, bytes, () => memory.createIfAbsent(address, bytes, ttlSeconds)),
    replaceIfEqual: (address, bytes, hash, ttlSeconds) =>
      write(address, bytes, () => memory.replaceIfEqual(address, bytes, hash, ttlSeconds)),
  }
}
