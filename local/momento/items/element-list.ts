/** Elements of a list from `beginIndex` on, so many of them. */
export interface ListRange {
  readonly beginIndex: number
  readonly count: number
}

/** Values in an order of their own. It keeps copies; a size to truncate to of 0 is none. */
export class ElementList {
  readonly kind = 'list'
  #values: Uint8Array[] = []
  #bytes = 0

  get size(): number {
    return this.#values.length
  }

  /** Bytes of all values. */
  get bytes(): number {
    return this.#bytes
  }

  /** From `start` to before `end`; negative ones count from the back, absent ones are no bounds. */
  slice(start?: number, end?: number): Uint8Array[] {
    return this.#values.slice(start, end)
  }

  /** Puts `values` before the others, in their order, and then drops at the back what is over `truncateBackTo`; gives the size. */
  concatenateFront(values: readonly Uint8Array[], truncateBackTo: number): number {
    this.#become([...values.map(copyOf), ...this.#values])
    if (truncateBackTo > 0 && this.size > truncateBackTo) this.retain(0, truncateBackTo)
    return this.size
  }

  /** Puts `values` after the others, in their order, and then drops at the front what is over `truncateFrontTo`; gives the size. */
  concatenateBack(values: readonly Uint8Array[], truncateFrontTo: number): number {
    for (const value of values) {
      this.#values.push(copyOf(value))
      this.#bytes += value.byteLength
    }
    if (truncateFrontTo > 0 && this.size > truncateFrontTo) this.retain(-truncateFrontTo)
    return this.size
  }

  popFront(): Uint8Array | undefined {
    const value = this.#values.shift()
    this.#bytes -= value?.byteLength ?? 0
    return value
  }

  popBack(): Uint8Array | undefined {
    const value = this.#values.pop()
    this.#bytes -= value?.byteLength ?? 0
    return value
  }

  /** Drops what `slice` of the same bounds does not give. */
  retain(start?: number, end?: number): void {
    this.#become(this.#values.slice(start, end))
  }

  /** Drops every value equal to `value`. */
  remove(value: Uint8Array): void {
    this.#become(this.#values.filter((other) => Buffer.compare(other, value) !== 0))
  }

  /** Drops what is in any of the ranges, all of which are of the list as it was. */
  erase(ranges: readonly ListRange[]): void {
    const isIn = (index: number): boolean =>
      ranges.some(({ beginIndex, count }) => index >= beginIndex && index < beginIndex + count)
    this.#become(this.#values.filter((_, index) => !isIn(index)))
  }

  copy(): ElementList {
    const copy = new ElementList()
    copy.#become([...this.#values])
    return copy
  }

  #become(values: Uint8Array[]): void {
    this.#values = values
    this.#bytes = values.reduce((bytes, value) => bytes + value.byteLength, 0)
  }
}

/** A copy: the value is often a view that would keep a whole received message in memory. */
function copyOf(value: Uint8Array): Uint8Array {
  return new Uint8Array(value)
}
