import type { Random } from '../../consumers/engine/ports.ts'

/** The same numbers for the same seed (sfc32: 128 bits of state, so that neighbouring seeds share nothing). */
export class SimulatedRandom implements Random {
  #a: number
  #b = 0x9e3779b9
  #c = 0x243f6a88
  #counter = 1

  constructor(seed: number) {
    this.#a = seed | 0
    for (let warmUp = 0; warmUp < 12; warmUp++) this.word()
  }

  /** 32 bits. */
  word(): number {
    const result = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0
    return result >>> 0
  }

  bytes(count: number): Uint8Array {
    const bytes = new Uint8Array(count)
    for (let at = 0; at < count; at++) bytes[at] = this.word()
    return bytes
  }

  fraction(): number {
    return this.word() / 2 ** 32
  }

  /** A whole number from 0 up to, not including, `limit`. */
  below(limit: number): number {
    return Math.floor(this.fraction() * limit)
  }

  /** A whole number from `least` to `most`. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1)
  }

  chance(probability: number): boolean {
    return this.fraction() < probability
  }

  /** One of the items. */
  pick<const T>(items: readonly [T, ...T[]]): T {
    return items[this.below(items.length)] ?? items[0]
  }

  /** One of the items, if there is any. */
  pickAny<T>(items: readonly T[]): T | undefined {
    return items[this.below(items.length)]
  }

  /** The items in another order. */
  shuffled<T>(items: readonly T[]): T[] {
    return items
      .map((item) => ({ item, at: this.word() }))
      .sort((a, b) => a.at - b.at)
      .map(({ item }) => item)
  }
}
