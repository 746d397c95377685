import { expect, test } from 'vitest'
import { ReadLimit } from '../../../../local/services/kinesis/read-limit.ts'

const MEBIBYTE = 1024 * 1024

test('a second takes five calls, the next one five more', () => {
  const limit = new ReadLimit()
  const calls = (nowMs: number) => Array.from({ length: 6 }, () => limit.admit(nowMs))
  expect(calls(1000)).toEqual([true, true, true, true, true, false])
  expect(limit.admit(1999)).toBe(false)
  expect(calls(2000)).toEqual([true, true, true, true, true, false])
})

test('2 MiB are a second’s worth, however many calls gave them', () => {
  const limit = new ReadLimit()
  expect(limit.admit(0)).toBe(true)
  limit.add(MEBIBYTE)
  expect(limit.admit(500)).toBe(true)
  limit.add(MEBIBYTE)
  expect(limit.admit(999)).toBe(false)
  expect(limit.admit(1000)).toBe(true)
})

test('after a call that gave 10 MiB nothing is given for 5 seconds', () => {
  const limit = new ReadLimit()
  expect(limit.admit(0)).toBe(true)
  limit.add(10 * MEBIBYTE)
  expect([1, 1000, 4999].map((nowMs) => limit.admit(nowMs))).toEqual([false, false, false])
  expect(limit.admit(5000)).toBe(true)
})
