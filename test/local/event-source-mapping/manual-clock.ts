import type { Clock } from '../../../local/event-source-mapping/clock.ts'

const MAXIMUM_TIMERS_RUN = 1_000_000

/** A clock that stands still until it is told to go on, and then lets everything settle between two timers. */
export class ManualClock implements Clock {
  #nowMs = 1_700_000_000_000
  readonly #timers = new Map<symbol, { readonly dueMs: number; readonly callback: () => void }>()

  nowMs(): number {
    return this.#nowMs
  }

  after(ms: number, callback: () => void): () => void {
    const id = Symbol('timer')
    this.#timers.set(id, { dueMs: this.#nowMs + ms, callback })
    return () => this.#timers.delete(id)
  }

  /** How many timers are set: none may be left behind. */
  get pendingTimers(): number {
    return this.#timers.size
  }

  /** Lets all that can happen without time passing happen. */
  settle(): Promise<void> {
    return new Promise((resolve) => {
      setImmediate(resolve)
    })
  }

  /** Runs all timers that fall due within `ms`, each at its time. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms
    await this.settle()
    for (let run = 0; run < MAXIMUM_TIMERS_RUN; run += 1) {
      const [next] = [...this.#timers].sort(([, a], [, b]) => a.dueMs - b.dueMs)
      if (next === undefined || next[1].dueMs > endMs) {
        this.#nowMs = endMs
        return
      }
      const [id, { dueMs, callback }] = next
      this.#timers.delete(id)
      this.#nowMs = Math.max(this.#nowMs, dueMs)
      callback()
      await this.settle()
    }
    throw new Error('the timers never end')
  }
}
