import { describe, expect, it } from 'vitest'
import { assertProperties } from '../../../local/event-source-mapping/properties.ts'
import { defaultProperties as PROPERTIES } from './default-properties.ts'

describe('settings outside the range of the Lambda API are refused by name', () => {
  it.each([
    ['batchSize', 0],
    ['batchSize', 10_001],
    ['batchSize', 1.5],
    ['maximumBatchingWindowMs', -1],
    ['maximumBatchingWindowMs', 300_001],
    ['parallelizationFactor', 0],
    ['parallelizationFactor', 11],
    ['maximumRetryAttempts', -2],
    ['maximumRetryAttempts', 10_001],
    ['maximumRecordAgeMs', 0],
    ['maximumRecordAgeMs', 59_999],
    ['maximumRecordAgeMs', 604_800_001],
    ['tumblingWindowMs', -1],
    ['tumblingWindowMs', 900_001],
  ])('%s %d', (name, value) => {
    expect(() => assertProperties({ ...PROPERTIES, [name]: value })).toThrow(
      new RegExp(`^${name} is ${value}`),
    )
  })

  it('and those at its ends are taken', () => {
    for (const [batchSize, window, factor, retries] of [
      [1, 0, 1, -1],
      [10_000, 300_000, 10, 10_000],
    ] as const) {
      const ends = { batchSize, maximumBatchingWindowMs: window, parallelizationFactor: factor }
      expect(() => assertProperties({ ...PROPERTIES, ...ends, maximumRetryAttempts: retries })).not.toThrow()
    }
  })

  it('as are those of ages and windows', () => {
    for (const [maximumRecordAgeMs, tumblingWindowMs] of [
      [-1, 0],
      [60_000, 900_000],
      [604_800_000, 1_000],
    ] as const) {
      expect(() => assertProperties({ ...PROPERTIES, maximumRecordAgeMs, tumblingWindowMs })).not.toThrow()
    }
  })
})

describe('settings that exclude each other are refused', () => {
  it.each([
    ['Parallelization factor must be equal to 1', { tumblingWindowMs: 60_000, parallelizationFactor: 2 }],
    [
      'filterPatterns and tumblingWindowMs',
      { tumblingWindowMs: 60_000, filterPatterns: ['{"data":{"a":[1]}}'] },
    ],
    ['Timestamp only valid', { startingTimestampMs: 1 }],
    ['Timestamp only valid', { startingPosition: 'AT_TIMESTAMP' }],
    ['Invalid filter pattern definition.', { filterPatterns: ['{'] }],
  ] as const)('%s', (message, settings) => {
    expect(() => assertProperties({ ...PROPERTIES, ...settings })).toThrow(message)
  })

  it('and each alone is taken', () => {
    for (const settings of [
      { tumblingWindowMs: 60_000 },
      { parallelizationFactor: 2, filterPatterns: ['{"data":{"a":[1]}}'] },
      { startingPosition: 'AT_TIMESTAMP', startingTimestampMs: 1 },
    ] as const) {
      expect(() => assertProperties({ ...PROPERTIES, ...settings })).not.toThrow()
    }
  })
})
