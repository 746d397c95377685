import type { SimulatedRandom } from './random.ts'
import type { Trace } from './trace.ts'

/** Steps after which a story is taken not to end. */
const maximumSteps = 400_000

interface Entry {
  readonly atMs: number
  /** Drawn: the order among what is due at the same millisecond. */
  readonly tie: number
  readonly run: () => void
}

/**
 * Owns time, and the order in which whatever waits goes on: one thing at a time, by virtual time, and by chance among
 * what is due together. So a seed replays the very interleaving, and an hour takes as long as its steps.
 */
export class Scheduler {
  nowMs: number
  steps = 0
  readonly #random: SimulatedRandom
  readonly #trace: Trace
  /** A binary heap, earliest first. */
  readonly #heap: Entry[] = []

  constructor(startMs: number, random: SimulatedRandom, trace: Trace) {
    this.nowMs = startMs
    this.#random = random
    this.#trace = trace
  }

  /** Runs `run` after so many whole milliseconds. */
  after(delayMs: number, run: () => void): void {
    this.#push({ atMs: this.nowMs + Math.max(0, Math.floor(delayMs)), tie: this.#random.word(), run })
  }

  /** Runs `run` at a time, or now where that has passed. */
  at(timeMs: number, run: () => void): void {
    this.after(timeMs - this.nowMs, run)
  }

  sleep(durationMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(durationMs, resolve)
    })
  }

  /** Lets everything go on until nothing waits any more, or `isOver` says so. */
  async run(isOver: () => boolean): Promise<void> {
    for (;;) {
      await settled()
      const entry = isOver() ? undefined : this.#pop()
      if (entry === undefined) return
      if (++this.steps > maximumSteps) throw new Error(`the story has not ended after ${maximumSteps} steps`)
      this.nowMs = entry.atMs
      this.#trace.note(entry.atMs)
      this.#trace.note(entry.tie)
      entry.run()
    }
  }

  #push(entry: Entry): void {
    const heap = this.#heap
    let at = heap.push(entry) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (isBefore(heap[parent], entry)) break
      const above = heap[parent]
      if (above !== undefined) heap[at] = above
      at = parent
    }
    heap[at] = entry
  }

  #pop(): Entry | undefined {
    const heap = this.#heap
    const [first] = heap
    const last = heap.pop()
    if (first === undefined || last === undefined || heap.length === 0) return first
    let at = 0
    for (;;) {
      const left = 2 * at + 1
      const child = isBefore(heap[left + 1], heap[left]) ? left + 1 : left
      const below = heap[child]
      if (below === undefined || isBefore(last, below)) break
      heap[at] = below
      at = child
    }
    heap[at] = last
    return first
  }
}

function isBefore(a: Entry | undefined, b: Entry | undefined): boolean {
  if (a === undefined || b === undefined) return a !== undefined
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.tie <= b.tie)
}

/**
 * Resolves when all that can go on by itself has come to its next wait: a tick comes after all microtasks, also those
 * that they queue, and takes less than half the time of a turn of the event loop.
 */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    process.nextTick(resolve)
  })
}
