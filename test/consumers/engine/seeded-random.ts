import type { Random } from '../../../consumers/engine/ports.ts'

/** The same numbers for the same seed. */
export class SeededRandom implements Random {
  #state: number

  constructor(seed: number) {
    // Neighbouring seeds begin far apart, and the state is never 0, where it would stay.
    this.#state = Math.imul(seed + 1, 0x9e3779b1) | 1
    for (let warmUp = 0; warmUp < 8; warmUp++) this.#next()
  }

  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.#next() & 0xff)
  }

  fraction(): number {
    return this.#next() / 2 ** 32
  }

  /** A whole number from 0 up to, not including, `limit`. */
  below(limit: number): number {
    return Math.floor(this.fraction() * limit)
  }

  chance(probability: number): boolean {
    return this.fraction() < probability
  }

  /** One of the items. */
  pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.below(items.length)] ?? items[0]
  }

  #next(): number {
    let state = this.#state
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    this.#state = state
    return Math.imul(state, 0x2545f491) >>> 0
  }
}
