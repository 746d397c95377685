import { describe, expect, it } from 'vitest'
import { capacityOf, type LagThresholds, lagThresholds } from '../../infra/monitored-pipeline.ts'
import { tuning } from './monitored.ts'

function of(expectedLagMs: number, maximumRecordAgeMs = 3_600_000): LagThresholds {
  return lagThresholds({ maximumRecordAgeMs, tuning: { ...tuning, expectedLagMs } })
}

describe('thresholds of the iterator age', () => {
  it('warn at ten times what is expected, and leave half of the record age to act in', () => {
    expect(of(9_000)).toEqual({ warningMs: 90_000, criticalMs: 1_800_000 })
  })

  it('do not warn of what a cold start does', () => {
    expect(of(1_000).warningMs).toBe(60_000)
    expect(of(6_000).warningMs).toBe(60_000)
    expect(of(6_001).warningMs).toBe(60_010)
  })

  it.each([60_000, 120_000, 3_600_000])('warn before it is critical, with a record age of %i ms', (age) => {
    for (const expectedLagMs of [1_000, 60_000, 600_000]) {
      const { warningMs, criticalMs } = of(expectedLagMs, age)
      expect(warningMs).toBeLessThanOrEqual(criticalMs / 2)
      expect(criticalMs).toBe(age / 2)
    }
  })
})

describe('the capacity', () => {
  it('is the lanes of the mapping, unless fewer environments are reserved', () => {
    expect(capacityOf(tuning)).toBe(6)
    expect(capacityOf({ ...tuning, reservedConcurrency: 6 })).toBe(6)
    expect(capacityOf({ ...tuning, reservedConcurrency: 5 })).toBe(5)
    expect(capacityOf({ ...tuning, reservedConcurrency: 50 })).toBe(6)
  })
})
