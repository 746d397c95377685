import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { startProgress } from '../../../producers/lib/progress.ts'

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
  let soFar = { done: 0, remarks: '' }
  const progress = startProgress('records', () => soFar)
  soFar = { done: 1_234, remarks: '' }
  vi.advanceTimersByTime(1_000)
  soFar = { done: 1_334, remarks: ', 7 refused and sent again' }
  vi.advanceTimersByTime(1_000)
  progress.stop()
  expect(lines).toEqual([
    '   1 s  1,234 records, 1,234/s',
    '   2 s  1,334 records, 100/s, 7 refused and sent again',
  ])
})

it('is silent when it is stopped', () => {
  const progress = startProgress('records', () => ({ done: 1, remarks: '' }))
  vi.advanceTimersByTime(1_000)
  expect(lines).toHaveLength(1)
  progress.stop()
  vi.advanceTimersByTime(5_000)
  expect(lines).toHaveLength(1)
  expect(vi.getTimerCount()).toBe(0)
})
