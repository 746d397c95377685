import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TokenBucket } from '../../../local/momento/token-bucket.ts'

function takenOf(bucket: TokenBucket, attempts: number): number {
  return Array.from({ length: attempts }, () => bucket.take()).filter(Boolean).length
}

describe('a bucket of ten a second', () => {
  test('gives ten at once, and then one each 100 ms', () => {
    let nowMs = 5_000
    const bucket = new TokenBucket(10, () => nowMs)
    expect(takenOf(bucket, 20)).toBe(10)
    nowMs += 99
    expect(bucket.take()).toBe(false)
    nowMs += 1
    expect(bucket.take()).toBe(true)
    expect(bucket.take()).toBe(false)
  })

  test('saves up no more than a second', () => {
    let nowMs = 0
    const bucket = new TokenBucket(10, () => nowMs)
    nowMs += 3_600_000
    expect(takenOf(bucket, 20)).toBe(10)
  })

  test('what was spent beyond has to come in first', () => {
    let nowMs = 0
    const bucket = new TokenBucket(10, () => nowMs)
    expect(bucket.isPaidUp).toBe(true)
    bucket.spend(25)
    expect(bucket.isPaidUp).toBe(false)
    nowMs += 1_500
    expect(bucket.isPaidUp).toBe(false)
    nowMs += 1
    expect(bucket.isPaidUp).toBe(true)
  })
})

test('less than one a second is still one at a time', () => {
  let nowMs = 0
  const bucket = new TokenBucket(0.5, () => nowMs)
  expect(takenOf(bucket, 3)).toBe(1)
  nowMs += 1_999
  expect(bucket.take()).toBe(false)
  nowMs += 1
  expect(bucket.take()).toBe(true)
})

test('never gives more than a second at once and the rate after it, whenever it is asked', () => {
  const pauses = fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 200 })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), pauses, (perSecond, pausesMs) => {
      let nowMs = 0
      const bucket = new TokenBucket(perSecond, () => nowMs)
      let taken = 0
      for (const pauseMs of pausesMs) {
        nowMs += pauseMs
        taken += takenOf(bucket, 10)
        expect(taken).toBeLessThanOrEqual(perSecond + (nowMs * perSecond) / 1_000)
      }
    }),
  )
})
