/** The time and the timers of everything that waits, so that a test decides when time passes. */
export interface Clock {
  /** Epoch time in milliseconds. */
  readonly nowMs: () => number
  /** Runs `callback` once after `ms` milliseconds; the returned function cancels it, and may be called late. */
  after(ms: number, callback: () => void): () => void
}

/** The clock and timers of the process. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
}
