/** An element of a sorted set, by the name that `nameOf` gives its value. */
export interface ScoredElement {
  readonly name: string
  readonly score: number
}

/** The most elements that a chunk has before it is halved: what one change moves, whatever the size. */
const chunkLimit = 512

/**
 * Elements by score, equal scores by their values' bytes. They lie in chunks in that order, so a change costs a binary search
 * and a move within one chunk.
 */
export class RankedOrder {
  /** None is empty. */
  readonly #chunks: ScoredElement[][] = []

  insert(element: ScoredElement): void {
    const [at, place] = this.#find((other) => isBefore(other, element))
    const chunk = this.#chunks[at] ?? this.#chunks[at - 1]
    if (chunk === undefined) {
      this.#chunks.push([element])
      return
    }
    chunk.splice(this.#chunks[at] === undefined ? chunk.length : place, 0, element)
    if (chunk.length > chunkLimit)
      this.#chunks.splice(this.#chunks.indexOf(chunk) + 1, 0, chunk.splice(chunkLimit / 2))
  }

  /** Takes out an element that is there. */
  remove(element: ScoredElement): void {
    const [at, place] = this.#find((other) => isBefore(other, element))
    const chunk = this.#chunks[at]
    chunk?.splice(place, 1)
    if (chunk?.length === 0) this.#chunks.splice(at, 1)
  }

  clear(): void {
    this.#chunks.length = 0
  }

  /** How many elements are before `element`. */
  rankOf(element: ScoredElement): number {
    return this.rank((other) => isBefore(other, element))
  }

  /** How many elements `precedes` holds for; it has to hold for the first ones and for no other. */
  rank(precedes: (element: ScoredElement) => boolean): number {
    const [at, place] = this.#find(precedes)
    let rank = place
    for (const chunk of this.#chunks.slice(0, at)) rank += chunk.length
    return rank
  }

  /** The elements of the ranks from `start` to before `end`, which are not negative. */
  slice(start: number, end: number): ScoredElement[] {
    const found: ScoredElement[] = []
    let rank = 0
    for (const chunk of this.#chunks) {
      if (rank >= end) break
      if (rank + chunk.length > start) found.push(...chunk.slice(Math.max(0, start - rank), end - rank))
      rank += chunk.length
    }
    return found
  }

  /** The chunk, and the place in it, of the first element that `precedes` does not hold for. */
  #find(precedes: (element: ScoredElement) => boolean): [chunk: number, place: number] {
    const at = countLeading(this.#chunks, (chunk) => {
      const last = chunk.at(-1)
      return last !== undefined && precedes(last)
    })
    return [at, countLeading(this.#chunks[at] ?? [], precedes)]
  }
}

function isBefore(left: ScoredElement, right: ScoredElement): boolean {
  return left.score < right.score || (left.score === right.score && left.name < right.name)
}

/** How many items at the front `holds` is true of: a binary search. */
function countLeading<Item>(items: readonly Item[], holds: (item: Item) => boolean): number {
  let [low, high] = [0, items.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    const item = items[middle]
    if (item !== undefined && holds(item)) low = middle + 1
    else high = middle
  }
  return low
}
