import { nameOf } from './byte-name.ts'

/** Distinct elements, by the names that `nameOf` gives them, in no order that a caller may rely on. */
export class ElementSet {
  readonly kind = 'set'
  readonly #elements: string[] = []
  /** Where each element is, so that any of them can be taken out, or drawn, in constant time. */
  readonly #places = new Map<string, number>()
  #bytes = 0

  get size(): number {
    return this.#elements.length
  }

  /** Bytes of all elements. */
  get bytes(): number {
    return this.#bytes
  }

  elements(): readonly string[] {
    return this.#elements
  }

  has(element: Uint8Array): boolean {
    return this.#places.has(nameOf(element))
  }

  add(element: Uint8Array): void {
    this.#put(nameOf(element))
  }

  delete(element: Uint8Array): void {
    this.#take(nameOf(element))
  }

  /** What is left of `elements` without those of this set: this set becomes it. */
  subtractFrom(elements: readonly Uint8Array[]): void {
    const left = elements.map(nameOf).filter((name) => !this.#places.has(name))
    this.clear()
    for (const name of left) this.#put(name)
  }

  /** So many distinct elements, or all where there are fewer, each as likely as another. `random` is in [0, 1). */
  sample(count: number, random: () => number): string[] {
    const drawn = Math.min(count, this.size)
    for (let place = 0; place < drawn; place++) {
      this.#swap(place, place + Math.floor(random() * (this.size - place)))
    }
    return this.#elements.slice(0, drawn)
  }

  /** A sample that is taken out. */
  pop(count: number, random: () => number): string[] {
    const popped = this.sample(count, random)
    for (const name of popped) this.#take(name)
    return popped
  }

  clear(): void {
    this.#elements.length = 0
    this.#places.clear()
    this.#bytes = 0
  }

  copy(): ElementSet {
    const copy = new ElementSet()
    for (const name of this.#elements) copy.#put(name)
    return copy
  }

  #put(name: string): void {
    if (this.#places.has(name)) return
    this.#places.set(name, this.#elements.push(name) - 1)
    this.#bytes += name.length
  }

  #take(name: string): void {
    const place = this.#places.get(name)
    if (place === undefined) return
    this.#swap(place, this.size - 1)
    this.#elements.pop()
    this.#places.delete(name)
    this.#bytes -= name.length
  }

  #swap(left: number, right: number): void {
    const [first, second] = [this.#elements[left], this.#elements[right]]
    if (first === undefined || second === undefined) return
    this.#place(second, left)
    this.#place(first, right)
  }

  #place(name: string, place: number): void {
    this.#elements[place] = name
    this.#places.set(name, place)
  }
}
