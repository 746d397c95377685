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
