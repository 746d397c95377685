import type { Cell } from './cell.ts'

/** A cell as this instance last saw it accepted by the store: its state, its very bytes and their hash. */
export interface WarmCell {
  readonly cell: Cell
  readonly bytes: Uint8Array
  readonly hash: Uint8Array
}

/** What stays known of a cell when its copy is gone; it is how a loss is noticed. */
export interface CellMemory {
  readonly incarnation: Uint8Array
  readonly version: number
}

/** Of encoded cells; in memory a cell takes some six times as much, mostly its ids. */
const defaultMaximumBytes = 8 * 1024 * 1024
const maximumMemories = 20_000

/**
 * What one instance of a function keeps of its cells from one invocation to the next, bounded in bytes, oldest out
 * first. Nothing in it is trusted: a stale copy's swap is refused.
 */
export class WarmCells {
  readonly #maximumBytes: number
  readonly #copies = new Map<string, WarmCell>()
  readonly #memories = new Map<string, CellMemory>()
  readonly #contested = new Set<string>()
  #bytes = 0

  constructor(maximumBytes = defaultMaximumBytes) {
    this.#maximumBytes = maximumBytes
  }

  /** Hands out the copy and drops it: whoever holds a copy may change it in place, because nobody else has it. */
  take(address: string): WarmCell | undefined {
    const copy = this.#copies.get(address)
    if (copy !== undefined) {
      this.#copies.delete(address)
      this.#bytes -= copy.bytes.length
    }
    return copy
  }

  /** Keeps what a swap stored. */
  keep(copy: WarmCell): void {
    const { address } = copy.cell
    this.take(address)
    this.#copies.set(address, copy)
    this.#bytes += copy.bytes.length
    this.#contested.delete(address)
    this.remember(copy.cell)
    for (const oldest of this.#copies.keys()) {
      if (this.#bytes <= this.#maximumBytes) break
      this.take(oldest)
    }
  }

  /** Notes the highest version seen of an incarnation. */
  remember({ address, incarnation, version }: Cell): void {
    const known = this.#memories.get(address)
    // An earlier invocation that comes back after its time-out may report an older version than is known by now.
    const isOlder =
      known !== undefined && known.version > version && sameBytes(known.incarnation, incarnation)
    this.#memories.delete(address)
    this.#memories.set(address, isOlder ? known : { incarnation, version })
    dropOldest(this.#memories, maximumMemories)
  }

  memory(address: string): CellMemory | undefined {
    return this.#memories.get(address)
  }

  /** Notes that a swap of this cell was refused or failed: its next read is consistent. */
  contest(address: string): void {
    this.#contested.add(address)
    dropOldest(this.#contested, maximumMemories)
  }

  isContested(address: string): boolean {
    return this.#contested.has(address)
  }
}

/** Whether two incarnations are the same life of a cell. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

function dropOldest(entries: Map<string, unknown> | Set<string>, maximum: number): void {
  for (const key of entries.keys()) {
    if (entries.size <= maximum) return
    entries.delete(key)
  }
}
