import { describe, expect, it } from 'vitest'
import { backoffMs } from '../../../local/event-source-mapping/backoff.ts'

describe('backoff', () => {
  it('starts within the delays observed on AWS', () => {
    expect(backoffMs(1, 0)).toBe(180)
    expect(backoffMs(1, 1)).toBe(270)
  })

  it('doubles with each failure', () => {
    expect([1, 2, 3, 4].map((failures) => backoffMs(failures, 0))).toEqual([180, 360, 720, 1440])
  })

  it('stops growing, and never overflows', () => {
    expect(backoffMs(9, 0)).toBe(27_000)
    expect(backoffMs(10_000, 0)).toBe(27_000)
  })

  it('lets 8 attempts happen within a minute, as AWS does', () => {
    let elapsedMs = 0
    let attempts = 1
    for (; elapsedMs + backoffMs(attempts, 0.5) <= 60_000; attempts += 1)
      elapsedMs += backoffMs(attempts, 0.5)
    expect(attempts).toBeGreaterThanOrEqual(8)
    expect(attempts).toBeLessThanOrEqual(9)
  })
})
