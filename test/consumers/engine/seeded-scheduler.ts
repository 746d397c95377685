import type { SeededRandom } from './seeded-random.ts'

/** Steps after which a story is taken not to end. */
const maximumSteps = 100_000

/**
 * Decides which of all that waits goes on next, one at a time, by its random source alone: so that a seed replays the
 * very interleaving.
 */
export class SeededScheduler {
  readonly #random: SeededRandom
  readonly #waiting: (() => void)[] = []

  constructor(random: SeededRandom) {
    this.#random = random
  }

  /** Resolves when the caller may go on. */
  turn(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
    })
  }

  /** Lets everything go on until nothing waits any more. */
  async run(): Promise<void> {
    for (let step = 0; step < maximumSteps; step++) {
      await settled()
      const next = this.#random.below(this.#waiting.length)
      const [resolve] = this.#waiting.splice(next, 1)
      if (resolve === undefined) return
      resolve()
    }
    throw new Error(`nothing ended within ${maximumSteps} steps`)
  }
}

/** Resolves when all that can go on by itself has come to its next wait. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
