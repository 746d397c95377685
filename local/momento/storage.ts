import { hash } from 'node:crypto'

/**
 * Entries looked at for expiry on each write: one pass over n entries takes n / 4 writes, so entries that expired
 * unread stay a fraction of the live ones, without a timer.
 */
const sweptPerWrite = 4

const hashBytes = 16

/** A live item as a reader sees it. `remainingTtlMs` keeps its fraction and is above 0. */
export interface LiveItem {
  readonly value: Uint8Array
  readonly remainingTtlMs: number
}

/** Decides on a conditional write from the live value, `undefined` when there is none. */
export type WriteCondition = (current: Uint8Array | undefined) => boolean

interface StoredItem {
  readonly value: Uint8Array
  readonly expiresAtMs: number
}

/** The hash that compare-and-set calls exchange: a function of the value alone, so A, B, A again is not seen. */
export function hashOfValue(value: Uint8Array): Uint8Array {
  return new Uint8Array(hash('sha256', value, 'buffer').subarray(0, hashBytes))
}

/**
 * The items of one cache. An item is gone from the moment its time to live has passed (`now >= expiry`), and every
 * method is atomic: none yields to the event loop.
 */
export class CacheItems {
  readonly #nowMs: () => number
  readonly #items = new Map<string, StoredItem>()
  #sweep = this.#items.entries()

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  /** Items held in memory: the live ones and those that expired and were not swept yet. */
  get heldItems(): number {
    return this.#items.size
  }

  /** The live item of `key`, or `undefined`. */
  read(key: Uint8Array): LiveItem | undefined {
    const name = nameOf(key)
    const item = this.#items.get(name)
    if (item === undefined) return undefined
    const remainingTtlMs = item.expiresAtMs - this.#nowMs()
    if (remainingTtlMs > 0) return { value: item.value, remainingTtlMs }
    this.#items.delete(name)
    return undefined
  }

  /** Replaces the item of `key` and its time to live. */
  write(key: Uint8Array, value: Uint8Array, ttlMs: number): void {
    const nowMs = this.#nowMs()
    // A copy: the value is often a view that would keep a whole received message in memory.
    this.#items.set(nameOf(key), { value: new Uint8Array(value), expiresAtMs: nowMs + ttlMs })
    this.#sweepSome(nowMs)
  }

  /** Writes as `write` does if `condition` holds for the live value, and says whether it did. */
  writeIf(key: Uint8Array, value: Uint8Array, ttlMs: number, condition: WriteCondition): boolean {
    if (!condition(this.read(key)?.value)) return false
    this.write(key, value, ttlMs)
    return true
  }

  /** Removes the item of `key`, if there is one. */
  delete(key: Uint8Array): void {
    this.#items.delete(nameOf(key))
  }

  #sweepSome(nowMs: number): void {
    for (let swept = 0; swept < sweptPerWrite; swept++) {
      const next = this.#sweep.next()
      if (next.done === true) {
        this.#sweep = this.#items.entries()
        return
      }
      const [name, item] = next.value
      if (item.expiresAtMs <= nowMs) this.#items.delete(name)
    }
  }
}

/** The caches of one server, by name. */
export class Caches {
  readonly #nowMs: () => number
  readonly #caches = new Map<string, CacheItems>()

  /** `nowMs`: a clock of any origin that does not run backwards; fractions of a millisecond count. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  /** Creates an empty cache; `false`, and nothing changes, when the name is taken. */
  create(name: string): boolean {
    if (this.#caches.has(name)) return false
    this.#caches.set(name, new CacheItems(this.#nowMs))
    return true
  }

  /** Deletes a cache with its items; `false` when there is none. */
  delete(name: string): boolean {
    return this.#caches.delete(name)
  }

  find(name: string): CacheItems | undefined {
    return this.#caches.get(name)
  }

  names(): string[] {
    return [...this.#caches.keys()]
  }
}

/** One character a byte, so that distinct keys have distinct names, text or not. */
function nameOf(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1')
}
