import type { Metadata } from '@grpc/grpc-js'
import type { CounterCells } from './counters.ts'
import { concerns } from './faults.ts'
import type { MomentoFaults } from './faults.ts'
import { nameOf } from './items/byte-name.ts'
import type { CacheItems, ItemSnapshot } from './storage.ts'

const defaultStaleForMs = 1_000

/** A call on items, before it is applied. */
export interface ItemCall {
  readonly method: string
  /** Whether it changes nothing. */
  readonly isRead: boolean
  readonly metadata: Metadata
  readonly items: CacheItems
  readonly keys: readonly Uint8Array[]
}

interface Earlier {
  /** `undefined` where there was no item. */
  readonly item: ItemSnapshot | undefined
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

  /** Applies a call in one step, and with it the faults that it meets. */
  apply<Response>(call: ItemCall, apply: () => Response): Response {
    const faults = this.#faults
    if (faults === undefined || !concerns(faults, call.method)) return apply()
    return call.isRead ? this.#read(faults, call, apply) : this.#write(faults, call, apply)
  }

  #write<Response>(faults: MomentoFaults, { items, keys }: ItemCall, apply: () => Response): Response {
    const before = keys.map((key) => items.snapshot(key))
    const response = apply()
    for (const [index, key] of keys.entries()) {
      const item = before[index]
      // Of a collection each snapshot is another, so that every call of a method that writes counts.
      if (items.snapshot(key)?.content !== item?.content) this.#afterWrite(faults, items, key, item)
    }
    return response
  }

  #afterWrite(
    faults: MomentoFaults,
    items: CacheItems,
    key: Uint8Array,
    before: ItemSnapshot | undefined,
  ): void {
    const { evictRate = 0, rollBackRate = 0, staleRate = 0 } = faults
    if (staleRate > 0) this.#remember(faults, items, key, before)
    if (evictRate + rollBackRate === 0) return
    const drawn = this.#draw(faults)
    if (drawn < evictRate) {
      if (items.kindOf(key) === undefined) return
      items.delete(key)
      this.#counters.evicted += 1
    } else if (drawn < evictRate + rollBackRate && before !== undefined) {
      items.restore(key, before)
      this.#counters.rolledBack += 1
    }
  }

  #read<Response>(faults: MomentoFaults, call: ItemCall, apply: () => Response): Response {
    const { items, keys, metadata } = call
    if (metadata.get('read-concern')[0] === 'consistent') return apply()
    const putBack = keys.map((key) => this.#showEarlier(faults, items, key))
    // Nothing else runs meanwhile: applying a call does not yield.
    try {
      return apply()
    } finally {
      // The last first: where a key is there twice, the second one put back what the first one showed.
      for (const restore of putBack.toReversed()) restore?.()
    }
  }

  /** Puts there what was before the last write, if that is to be seen; the result puts it back. */
  #showEarlier(faults: MomentoFaults, items: CacheItems, key: Uint8Array): (() => void) | undefined {
    const { staleRate = 0, staleForMs = defaultStaleForMs } = faults
    const earlier = this.#earlier.get(items)?.get(nameOf(key))
    if (earlier === undefined) return undefined
    const ageMs = this.#nowMs() - earlier.replacedAtMs
    if (ageMs >= staleForMs || this.#draw(faults) >= staleRate) return undefined
    this.#counters.staleReads += 1
    const now = items.snapshot(key)
    items.restore(key, earlier.item, ageMs)
    return () => items.restore(key, now)
  }

  #remember(faults: MomentoFaults, items: CacheItems, key: Uint8Array, item: ItemSnapshot | undefined): void {
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
