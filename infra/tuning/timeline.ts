interface Job {
  leftMs: number
  readonly goOn: () => void
}

/** Far more than any backlog has. */
const maximumEvents = 100_000_000

/** Time in a model: what waits goes on when it is due, and what works shares the cores evenly with all that work. */
export class Timeline {
  nowMs = 0
  /** Work that was done so far. */
  workedMs = 0
  readonly #cores: number
  readonly #waiting: { readonly dueMs: number; readonly goOn: () => void }[] = []
  readonly #working: Job[] = []

  /** With `Infinity` nobody is ever in the way of another. */
  constructor(cores: number) {
    this.#cores = cores
  }

  wait(ms: number, goOn: () => void): void {
    this.#waiting.push({ dueMs: this.nowMs + ms, goOn })
  }

  work(ms: number, goOn: () => void): void {
    this.workedMs += ms
    this.#working.push({ leftMs: ms, goOn })
  }

  /** Goes on until nothing waits or works any more. */
  run(): void {
    for (let events = 0; events < maximumEvents; events += 1) {
      const pace = Math.min(1, this.#cores / this.#working.length)
      const dueAt = indexOfLeast(this.#waiting, ({ dueMs }) => dueMs)
      const doneAt = indexOfLeast(this.#working, ({ leftMs }) => leftMs)
      const dueMs = this.#waiting[dueAt]?.dueMs ?? Infinity
      const doneMs = this.nowMs + (this.#working[doneAt]?.leftMs ?? Infinity) / pace
      const nextMs = Math.min(dueMs, doneMs)
      if (nextMs === Infinity) return
      for (const job of this.#working) job.leftMs -= (nextMs - this.nowMs) * pace
      // Rounding may leave a little less than nothing to do.
      this.nowMs = Math.max(this.nowMs, nextMs)
      const [next] = doneMs <= dueMs ? this.#working.splice(doneAt, 1) : this.#waiting.splice(dueAt, 1)
      next?.goOn()
    }
    throw new Error(`the model has not ended after ${maximumEvents} events`)
  }
}

/** A few dozen things are under way at once: a heap would gain nothing. */
function indexOfLeast<T>(items: readonly T[], value: (item: T) => number): number {
  let least = -1
  let leastValue = Infinity
  for (const [index, item] of items.entries()) {
    const itemValue = value(item)
    if (itemValue < leastValue) [least, leastValue] = [index, itemValue]
  }
  return least
}
