import { hash } from 'node:crypto'
import type { StoredBytes } from '../../consumers/engine/ports.ts'

/** What is stored at an address until it expires. */
export interface Item extends StoredBytes {
  readonly expiresAtMs: number
}

/**
 * The cache itself: atomic, and it keeps an item until its time to live has passed, unless told to lose or spoil it. A
 * hash is a function of the bytes alone, as Momento's is.
 */
export class Cache {
  readonly #nowMs: () => number
  readonly #items = new Map<string, Item>()
  readonly #history = new Map<string, Item[]>()

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  /** The live item. */
  item(address: string): Item | undefined {
    const item = this.#items.get(address)
    return item === undefined || item.expiresAtMs <= this.#nowMs() ? undefined : item
  }

  /** Addresses of all items that were ever stored, in the order of their first. */
  addresses(): string[] {
    return [...this.#history.keys()]
  }

  /** Every item that a request ever stored there, oldest first. */
  history(address: string): readonly Item[] {
    return this.#history.get(address) ?? []
  }

  createIfAbsent(address: string, bytes: Uint8Array, ttlMs: number): Item | undefined {
    return this.item(address) === undefined ? this.#store(address, bytes, ttlMs) : undefined
  }

  replaceIfEqual(address: string, bytes: Uint8Array, oldHash: Uint8Array, ttlMs: number): Item | undefined {
    const item = this.item(address)
    if (item === undefined || Buffer.compare(item.hash, oldHash) !== 0) return undefined
    return this.#store(address, bytes, ttlMs)
  }

  evict(address: string): void {
    this.#items.delete(address)
  }

  /** Puts other bytes in an item's place, behind the requests' back; it expires as it would have. */
  spoil(address: string, bytes: Uint8Array): void {
    const item = this.item(address)
    if (item !== undefined) this.#items.set(address, itemOf(bytes, item.expiresAtMs))
  }

  #store(address: string, bytes: Uint8Array, ttlMs: number): Item {
    const item = itemOf(Uint8Array.from(bytes), this.#nowMs() + ttlMs)
    this.#items.set(address, item)
    const history = this.#history.get(address)
    if (history === undefined) this.#history.set(address, [item])
    else history.push(item)
    return item
  }
}

function itemOf(bytes: Uint8Array, expiresAtMs: number): Item {
  return { bytes, hash: hash('sha256', bytes, 'buffer'), expiresAtMs }
}
