import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { systemClock } from '../../../local/event-source-mapping/clock.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

it('a timer of the process runs once its time has come, and not if it was cancelled', () => {
  const ran: string[] = []
  const beganMs = systemClock.nowMs()
  systemClock.after(100, () => ran.push(`kept after ${systemClock.nowMs() - beganMs} ms`))
  const cancel = systemClock.after(100, () => ran.push('cancelled'))
  cancel()
  vi.advanceTimersByTime(99)
  expect(ran).toEqual([])
  vi.advanceTimersByTime(1)
  expect(ran).toEqual(['kept after 100 ms'])
})
