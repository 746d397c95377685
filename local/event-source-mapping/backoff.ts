const firstDelayMs = 200
/**
 * AWS does not publish its cap. With instant failures it made 8 attempts within 60 s, which excludes one much
 * below 25 s.
 */
const maximumDelayMs = 30_000
const leastJitter = 0.9
const mostJitter = 1.35

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
  const delayMs = Math.min(firstDelayMs * 2 ** (failures - 1), maximumDelayMs)
  return Math.round(delayMs * (leastJitter + (mostJitter - leastJitter) * random))
}
