import { hash } from 'node:crypto'
import type { CellStore, StoredBytes } from '../../consumers/engine/ports.ts'

interface Item extends StoredBytes {
  readonly expiresAtMs: number
}

/**
 * A cell store in memory that keeps every promise of the port: atomic, durable until the time to live has passed, and
 * never stale. A hash is a function of the bytes alone, as Momento's is.
 */
export class MemoryCellStore implements CellStore {
  readonly requestTimeoutMs = 1_000
  readonly #nowMs: () => number
  readonly #items = new Map<string, Item>()

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  async read(address: string): Promise<StoredBytes | undefined> {
    return this.peek(address)
  }

  async createIfAbsent(
    address: string,
    bytes: Uint8Array,
    ttlSeconds: number,
  ): Promise<Uint8Array | undefined> {
    return this.peek(address) === undefined ? this.#write(address, bytes, ttlSeconds) : undefined
  }

  async replaceIfEqual(
    address: string,
    bytes: Uint8Array,
    oldHash: Uint8Array,
    ttlSeconds: number,
  ): Promise<Uint8Array | undefined> {
    const item = this.peek(address)
    if (item === undefined || Buffer.compare(item.hash, oldHash) !== 0) return undefined
    return this.#write(address, bytes, ttlSeconds)
  }

  /** The live item, outside any request. */
  peek(address: string): StoredBytes | undefined {
    const item = this.#items.get(address)
    if (item === undefined || item.expiresAtMs <= this.#nowMs()) return undefined
    return { bytes: item.bytes, hash: item.hash }
  }

  /** When the item goes, epoch milliseconds. */
  expiresAtMs(address: string): number | undefined {
    return this.#items.get(address)?.expiresAtMs
  }

  /** Puts bytes there whatever was, as damage, another release or a rollback would. They stay for an hour. */
  put(address: string, bytes: Uint8Array): void {
    this.#write(address, bytes, 3_600)
  }

  /** Loses the item, as a cache may. */
  evict(address: string): void {
    this.#items.delete(address)
  }

  #write(address: string, bytes: Uint8Array, ttlSeconds: number): Uint8Array {
    if (!Number.isSafeInteger(ttlSeconds) || ttlSeconds <= 0)
      throw new RangeError(`a ttl of ${ttlSeconds} s is not whole and above 0`)
    const digest = hash('sha256', bytes, 'buffer')
    const expiresAtMs = this.#nowMs() + ttlSeconds * 1_000
    this.#items.set(address, { bytes: Uint8Array.from(bytes), hash: digest, expiresAtMs })
    return digest
  }
}
