import { StorageError } from '../storage-error.ts'
import { nameOf } from './byte-name.ts'
import { RankedOrder } from './ranked-order.ts'
import type { ScoredElement } from './ranked-order.ts'

/** Ascending by score and, where scores are equal, by the values' bytes; descending is exactly the reverse. */
export type Order = 'ascending' | 'descending'

/** A bound of a range of scores. */
export interface ScoreBound {
  readonly score: number
  readonly exclusive: boolean
}

/** Scores between two bounds; an absent one is none. */
export interface ScoreRange {
  readonly min?: ScoreBound | undefined
  readonly max?: ScoreBound | undefined
}

/** Distinct values, each with a score, which is no NaN. */
export class SortedSet {
  readonly kind = 'sortedSet'
  readonly #elements = new Map<string, ScoredElement>()
  readonly #order = new RankedOrder()
  #bytes = 0

  get size(): number {
    return this.#elements.size
  }

  /** Bytes of all values. */
  get bytes(): number {
    return this.#bytes
  }

  /** The elements in no order. */
  elements(): Iterable<ScoredElement> {
    return this.#elements.values()
  }

  score(value: Uint8Array): number | undefined {
    return this.#elements.get(nameOf(value))?.score
  }

  /** How many elements come before it in that order. */
  rank(value: Uint8Array, order: Order): number | undefined {
    const element = this.#elements.get(nameOf(value))
    if (element === undefined) return undefined
    const rank = this.#order.rankOf(element)
    return order === 'ascending' ? rank : this.size - 1 - rank
  }

  /** The elements of the ranks from `start` to before `end` in that order; as `slice` of an array takes them. */
  byRank(order: Order, start = 0, end = this.size): ScoredElement[] {
    const [low, high] = [this.#rankFrom(start), this.#rankFrom(end)]
    if (order === 'ascending') return this.#order.slice(low, high)
    return this.#order.slice(this.size - high, this.size - low).toReversed()
  }

  /** The elements in the range, in that order; of those, `count` from `offset` on, all of them for a negative `count`. */
  byScore(order: Order, range: ScoreRange, offset: number, count: number): ScoredElement[] {
    const [low, high] = this.#ranksOf(range)
    const most = count < 0 ? this.size : count
    if (order === 'ascending') return this.#order.slice(low + offset, Math.min(low + offset + most, high))
    return this.#order.slice(Math.max(high - offset - most, low), Math.max(high - offset, 0)).toReversed()
  }

  /** How many elements are in the range. */
  lengthByScore(range: ScoreRange): number {
    const [low, high] = this.#ranksOf(range)
    return Math.max(0, high - low)
  }

  /** Sets a value's score. Throws a StorageError for NaN. */
  put(value: Uint8Array, score: number): void {
    this.putNamed(nameOf(value), score)
  }

  /** Sets the score of the value that `nameOf` gave the name for. Throws a StorageError for NaN. */
  putNamed(name: string, score: number): void {
    checkScore(score)
    const replaced = this.#elements.get(name)
    if (replaced === undefined) this.#bytes += name.length
    else this.#order.remove(replaced)
    const element = { name, score: score + 0 }
    this.#elements.set(name, element)
    this.#order.insert(element)
  }

  /** Adds to a value's score, from 0, and gives the sum. Throws a StorageError where that is NaN. */
  increment(value: Uint8Array, amount: number): number {
    const name = nameOf(value)
    const sum = (this.#elements.get(name)?.score ?? 0) + amount
    this.putNamed(name, sum)
    return sum
  }

  delete(value: Uint8Array): void {
    const name = nameOf(value)
    const element = this.#elements.get(name)
    if (element === undefined) return
    this.#elements.delete(name)
    this.#order.remove(element)
    this.#bytes -= name.length
  }

  clear(): void {
    this.#elements.clear()
    this.#order.clear()
    this.#bytes = 0
  }

  copy(): SortedSet {
    const copy = new SortedSet()
    for (const { name, score } of this.#elements.values()) copy.putNamed(name, score)
    return copy
  }

  #rankFrom(rank: number): number {
    return rank < 0 ? Math.max(0, this.size + rank) : Math.min(rank, this.size)
  }

  /** The first rank in the range, and the first after it. */
  #ranksOf({ min, max }: ScoreRange): [low: number, high: number] {
    const low = min === undefined ? 0 : this.#ranksBelow(min.score, min.exclusive)
    const high = max === undefined ? this.size : this.#ranksBelow(max.score, !max.exclusive)
    return [low, high]
  }

  #ranksBelow(bound: number, andAt: boolean): number {
    return this.#order.rank(({ score }) => score < bound || (andAt && score === bound))
  }
}

/** Throws a StorageError for a score that has no place in an order. */
export function checkScore(score: number): void {
  if (Number.isNaN(score)) throw new StorageError('invalidArgument', 'a score has to be a number')
}
