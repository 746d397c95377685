const firstMs = 50
const mostMs = 2_000

/** Attempts after which what is refused again and again is given up. */
export const maximumAttempts = 20

/** The pause after an attempt, from 1 on: doubled each time up to 2 seconds, and shortened by chance to half at most. */
export function pauseAfterMs(attempt: number): number {
  return Math.min(firstMs * 2 ** (attempt - 1), mostMs) * (0.5 + Math.random() / 2)
}
