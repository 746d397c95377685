/** Decides what is left open, so that telling the same story again and again tells every story there is, depth first. */
export class Choices {
  readonly #taken: { readonly at: number; readonly of: number | undefined }[]
  #next = 0

  /** Begins with the choices of an earlier story. */
  constructor(taken: readonly number[] = []) {
    this.#taken = taken.map((at) => ({ at, of: undefined }))
  }

  get taken(): readonly number[] {
    return this.#taken.map(({ at }) => at)
  }

  /** A whole number from 0 up to, not including, `of`. */
  pick(of: number): number {
    if (of < 2) return 0
    const index = this.#next++
    const known = this.#taken[index]
    if (known?.of !== undefined && known.of !== of) throw new Error('the same choices have led elsewhere')
    const at = known?.at ?? 0
    this.#taken[index] = { at, of }
    return at
  }

  /** Goes on to the next story; false where there is none. */
  advance(): boolean {
    this.#next = 0
    for (let last = this.#taken.pop(); last !== undefined; last = this.#taken.pop()) {
      const { at, of } = last
      if (of === undefined || at + 1 >= of) continue
      this.#taken.push({ at: at + 1, of })
      return true
    }
    return false
  }
}
