const FIRST_DELAY_MS = 200
/**
 * AWS does not publish its cap. With instant failures it made 8 attempts within 60 s, which excludes one much
 * below 25 s.
 */
const MAXIMUM_DELAY_MS = 30_000
const LEAST_JITTER = 0.9
const MOST_JITTER = 1.35

/**
 * How long to wait before the next attempt at the same batch, in milliseconds: about 200, doubling, capped at
 * 30,000 before jitter.
 *
 * The start, the doubling and the jitter fit delays observed on AWS (186 to 267 ms, then 392 ms); the cap is a
 * choice.
 *
 * @param failures attempts that failed in a row, from 1
 * @param random from 0 to below 1
 */
export function backoffMs(failures: number, random: number): number {
  const delayMs = Math.min(FIRST_DELAY_MS * 2 ** (failures - 1), MAXIMUM_DELAY_MS)
  return Math.round(delayMs * (LEAST_JITTER + (MOST_JITTER - LEAST_JITTER) * random))
}
