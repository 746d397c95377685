import { setTimeout } from 'node:timers/promises'

/** The share of a second whose worth is sent at once at a rate, so that records leave as a stream and not in gushes. */
const paceSeconds = 0.1

/** How many of at most `most` go into one call at a rate. */
export function pacedCount(most: number, perSecond: number | undefined): number {
  return perSecond === undefined ? most : Math.min(most, Math.ceil(perSecond * paceSeconds))
}

/** What pacing needs of time; `sleep` ends early when its signal aborts. */
export interface PacingClock {
  nowMs(): number
  sleep(durationMs: number): Promise<void>
}

/**
 * Spreads records evenly over time: resolves when `count` more may be sent at `recordsPerSecond` since the first call.
 * After a stall it catches up to at most one second's worth. Without a rate it never waits.
 */
export function pacer(
  recordsPerSecond: number | undefined,
  clock: PacingClock,
): (count: number) => Promise<void> {
  let dueMs: number | undefined
  return async (count) => {
    if (recordsPerSecond === undefined) return
    const nowMs = clock.nowMs()
    dueMs = Math.max(dueMs ?? nowMs, nowMs - 1_000)
    if (dueMs > nowMs) await clock.sleep(dueMs - nowMs)
    dueMs += (count / recordsPerSecond) * 1_000
  }
}

/** The system's time, whose sleeps end early when the signal aborts. */
export function systemClock(signal: AbortSignal): PacingClock {
  return {
    nowMs: () => Date.now(),
    sleep: async (durationMs) => {
      await setTimeout(durationMs, undefined, { signal }).catch(ignoreAbort)
    },
  }
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error
}
