import type { Metadata } from '@grpc/grpc-js'
import type { CounterCells } from './counters.ts'
import { concerns } from './faults.ts'
import type { MomentoFaults } from './faults.ts'
import { isReadOnly } from './read-only-methods.ts'
import type { CacheItems, LiveItem } from './storage.ts'

const defaultStaleForMs = 1_000

/** A call on one item, before it is applied. */
export interface ItemCall {
  readonly method: string
  readonly metadata: Metadata
  readonly items: CacheItems
  readonly key: Uint8Array
}

interface Earlier {
  /** `undefined` where there was no item. */
  readonly item: LiveItem | undefined
  readonly replacedAtMs: number
}

/** What a cache may do to items that it took: lose them, fall back to what they were, or show that for a while. */
export class ItemFaults {
  readonly #counters: CounterCells
  readonly #nowMs: () => number
  readonly #random: () => number
  readonly #earlier = new WeakMap<CacheItems, Map<string, Earlier>>()
  #faults: MomentoFaults | undefined

  constructor(counters: CounterCells, nowMs: () => number, random: () => number) {
    this.#counters = counters
    this.#nowMs = nowMs
    this.#random = random
  }

  /** Replaces the faults, for calls from now on. */
  set(faults: MomentoFaults): void {
    const { evictRate = 0, rollBackRate = 0, staleRate = 0 } = faults
    this.#faults = evictRate + rollBackRate + staleRate > 0 ? faults : undefined
  }

  /** Applies a call in one step, and the faults that it meets with it. */
  apply<Response>(call: ItemCall, apply: () => Response): Response {
    const faults = this.#faults
    if (faults === undefined || !concerns(faults, call.method)) return apply()
    return isReadOnly(call.method) ? this.#read(faults, call, apply) : this.#write(faults, call, apply)
  }

  #write<Response>(faults: MomentoFaults, { items, key }: ItemCall, apply: () => Response): Response {
    const before = items.read(key)
    const response = apply()
    if (items.read(key)?.value === before?.value) return response
    if (faults.staleRate !== undefined) this.#remember(faults, items, key, before)
    const { evictRate = 0, rollBackRate = 0 } = faults
    if (evictRate + rollBackRate === 0) return response
    const drawn = this.#draw(faults)
    if (drawn < evictRate) {
      items.delete(key)
      this.#counters.evicted += 1
    } else if (drawn < evictRate + rollBackRate && before !== undefined) {
      items.write(key, before.value, before.remainingTtlMs)
      this.#counters.rolledBack += 1
    }
    return response
  }

  #read<Response>(faults: MomentoFaults, call: ItemCall, apply: () => Response): Response {
    const { staleRate = 0, staleForMs = defaultStaleForMs } = faults
    const { items, key, metadata } = call
    if (staleRate === 0 || metadata.get('read-concern')[0] === 'consistent') return apply()
    const earlier = this.#earlier.get(items)?.get(nameOf(key))
    const ageMs = earlier === undefined ? Infinity : this.#nowMs() - earlier.replacedAtMs
    if (earlier === undefined || ageMs >= staleForMs || this.#draw(faults) >= staleRate) return apply()

    this.#counters.staleReads += 1
    const now = items.read(key)
    const remainingTtlMs = (earlier.item?.remainingTtlMs ?? 0) - ageMs
    // Nothing else runs between the two: applying a call does not yield.
    put(items, key, earlier.item && remainingTtlMs > 0 ? { ...earlier.item, remainingTtlMs } : undefined)
    try {
      return apply()
    } finally {
      put(items, key, now)
    }
  }

  #remember(faults: MomentoFaults, items: CacheItems, key: Uint8Array, item: LiveItem | undefined): void {
    const { staleForMs = defaultStaleForMs } = faults
    const replacedAtMs = this.#nowMs()
    const ofCache = this.#earlier.get(items) ?? new Map<string, Earlier>()
    this.#earlier.set(items, ofCache)
    for (const [name, earlier] of ofCache) {
      if (replacedAtMs - earlier.replacedAtMs < staleForMs) break
      ofCache.delete(name)
    }
    const name = nameOf(key)
    // So that the order is that of the writes.
    ofCache.delete(name)
    ofCache.set(name, { item, replacedAtMs })
  }

  #draw({ random = this.#random }: MomentoFaults): number {
    return random()
  }
}

function put(items: CacheItems, key: Uint8Array, item: LiveItem | undefined): void {
  if (item === undefined) items.delete(key)
  else items.write(key, item.value, item.remainingTtlMs)
}

function nameOf(key: Uint8Array): string {
  return Buffer.from(key).toString('latin1')
}
