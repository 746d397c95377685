import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type SendCounts, startProgress } from '../../../producers/lib/progress.ts'

let lines: string[] = []

beforeEach(() => {
  lines = []
  vi.useFakeTimers()
  vi.spyOn(console, 'error').mockImplementation((line: string) => void lines.push(line))
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

it('says once a second how many records there are and how many came', () => {
  const counts: SendCounts = { sent: 0, duplicatesSent: 0, garbageSent: 0, refused: 0 }
  const progress = startProgress(counts)
  Object.assign(counts, { sent: 1_200, duplicatesSent: 30, garbageSent: 4 })
  vi.advanceTimersByTime(1_000)
  Object.assign(counts, { sent: 1_300, refused: 7 })
  vi.advanceTimersByTime(1_000)
  progress.stop()
  expect(lines).toEqual([
    '   1 s  1,234 records, 1,234/s',
    '   2 s  1,334 records, 100/s, 7 refused and sent again',
  ])
})

it('is silent when it is stopped', () => {
  const progress = startProgress({ sent: 1, duplicatesSent: 0, garbageSent: 0, refused: 0 })
  vi.advanceTimersByTime(1_000)
  expect(lines).toHaveLength(1)
  progress.stop()
  vi.advanceTimersByTime(5_000)
  expect(lines).toHaveLength(1)
  expect(vi.getTimerCount()).toBe(0)
})
