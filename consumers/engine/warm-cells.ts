import type { Cell } from './cell.ts'
import type { IdSet } from './id-set.ts'

/** A cell as this instance last saw it accepted by the store: its state, its head's very bytes and their hash. */
export interface WarmCell {
  readonly cell: Cell
  readonly bytes: Uint8Array
  readonly hash: Uint8Array
}

/** What stays known of a cell when its copy is gone; it is how a loss is noticed. */
export interface CellMemory {
  readonly incarnation: Uint8Array
  readonly version: number
  /** Tells two contents of one version apart: a head that was rolled back and has come as far again. */
  readonly nonce: Uint8Array
}

/** A copy of a segment, and when the request began that last proved it to be in the store, epoch milliseconds. */
interface WarmSegment {
  readonly ids: IdSet
  readonly provedAtMs: number
}

/** Heads and segments together, as they take memory: five million ids, or some hundred of the largest heads. */
export const warmCellsBytes = 96 * 1024 * 1024
/** A decoded head takes some so many times its bytes, which are kept as well: a thousand small groups were measured. */
export const headExpansion = 11
const maximumMemories = 20_000
/** A segment's copy is trusted for so long; then every instance notices a loss within that time. */
export const segmentTrustMs = 60_000

/**
 * What one instance of a function keeps of its cells from one invocation to the next, bounded in bytes, least recently
 * used out first. Nothing in it is trusted for its own sake: a stale head's swap is refused, and a segment's copy counts
 * for a minute only.
 */
export class WarmCells {
  readonly #maximumBytes: number
  /** Heads and segments by their addresses, which differ; the least recently used first. */
  readonly #copies = new Map<string, WarmCell | WarmSegment>()
  #bytes = 0
  readonly #memories = new Map<string, CellMemory>()
  readonly #contested = new Set<string>()

  constructor(maximumBytes = warmCellsBytes) {
    this.#maximumBytes = maximumBytes
  }

  /** Hands out the copy of a head and drops it: whoever holds one may change it in place, because nobody else has it. */
  take(address: string): WarmCell | undefined {
    const copy = this.#drop(address)
    return copy !== undefined && 'cell' in copy ? copy : undefined
  }

  /** Keeps what a swap stored. */
  keep(copy: WarmCell): void {
    this.#add(copy.cell.address, copy)
    this.#contested.delete(copy.cell.address)
    this.remember(copy.cell)
  }

  /** The ids of a segment that was proved less than a minute before `nowMs`. */
  segment(address: string, nowMs: number): IdSet | undefined {
    const copy = this.#drop(address)
    if (copy === undefined || 'cell' in copy) return undefined
    const ageMs = nowMs - copy.provedAtMs
    // Below zero the clock was set back, and nobody knows how old the proof is.
    if (ageMs < 0 || ageMs >= segmentTrustMs) return undefined
    this.#add(address, copy)
    return copy.ids
  }

  /** Keeps a segment that a request which began at `provedAtMs` has read, or written and seen acknowledged. */
  keepSegment(address: string, ids: IdSet, provedAtMs: number): void {
    this.#add(address, { ids, provedAtMs })
  }

  /** Notes the highest version seen of an incarnation. */
  remember({ address, incarnation, version, nonce }: Cell): void {
    const known = this.#memories.get(address)
    // An earlier invocation that comes back after its time-out may report an older version than is known by now.
    const isOlder =
      known !== undefined && known.version > version && sameBytes(known.incarnation, incarnation)
    this.#memories.delete(address)
    this.#memories.set(address, isOlder ? known : { incarnation, version, nonce })
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

  #drop(address: string): WarmCell | WarmSegment | undefined {
    const copy = this.#copies.get(address)
    if (copy === undefined) return undefined
    this.#copies.delete(address)
    this.#bytes -= memoryBytes(copy)
    return copy
  }

  #add(address: string, copy: WarmCell | WarmSegment): void {
    this.#drop(address)
    this.#copies.set(address, copy)
    this.#bytes += memoryBytes(copy)
    for (const oldest of this.#copies.keys()) {
      if (this.#bytes <= this.#maximumBytes) return
      this.#drop(oldest)
    }
  }
}

function memoryBytes(copy: WarmCell | WarmSegment): number {
  return 'cell' in copy ? copy.bytes.length * (1 + headExpansion) : copy.ids.memoryBytes
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
