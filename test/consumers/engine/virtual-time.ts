const stillPending = Symbol('pending')

interface Sleeper {
  readonly atMs: number
  readonly wake: () => void
}

/** Time that passes only while all wait, and then to the next moment at which somebody goes on. */
export class VirtualTime {
  nowMs: number
  readonly #sleepers: Sleeper[] = []

  constructor(nowMs: number) {
    this.nowMs = nowMs
  }

  /** Resolves so many milliseconds from now. */
  sleep(durationMs: number): Promise<void> {
    return new Promise((wake) => {
      this.#sleepers.push({ atMs: this.nowMs + durationMs, wake })
    })
  }

  /** What `work` resolves to, with time passing. */
  async during<T>(work: Promise<T>): Promise<T> {
    const pending = Promise.resolve(stillPending)
    for (;;) {
      await settled()
      if ((await Promise.race([work, pending])) !== stillPending) return work
      const nextMs = Math.min(...this.#sleepers.map(({ atMs }) => atMs))
      const next = this.#sleepers.findIndex(({ atMs }) => atMs === nextMs)
      const [sleeper] = this.#sleepers.splice(next, 1)
      if (sleeper === undefined) throw new Error('all wait, and nothing will wake them')
      this.nowMs = Math.max(this.nowMs, sleeper.atMs)
      sleeper.wake()
    }
  }
}

/** Resolves when all that can go on by itself waits. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
