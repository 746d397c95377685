import { describe, expect, it } from 'vitest'
import {
  assertProperties,
  type MappingProperties,
  unsupported,
} from '../../../local/event-source-mapping/properties.ts'

const PROPERTIES: MappingProperties = {
  uuid: '0b1c2d3e-0000-4000-8000-000000000000',
  batchSize: 100,
  maximumBatchingWindowMs: 0,
  parallelizationFactor: 1,
  maximumRetryAttempts: -1,
  reportBatchItemFailures: true,
  startingPosition: 'TRIM_HORIZON',
}

describe('settings without effect', () => {
  it('are named where they are set', () => {
    expect(
      unsupported({
        ...PROPERTIES,
        bisectBatchOnFunctionError: true,
        maximumRecordAgeMs: 60_000,
        onFailureDestinationArn: 'arn:aws:sqs:eu-west-1:000000000000:failed',
        filterPatterns: ['{"data":{"origin":["JFK"]}}'],
        tumblingWindowMs: 60_000,
      }),
    ).toEqual([
      'BisectBatchOnFunctionError',
      'MaximumRecordAgeInSeconds',
      'DestinationConfig',
      'FilterCriteria',
      'TumblingWindowInSeconds',
    ])
  })

  it('are not named where they are absent or as by default', () => {
    expect(unsupported(PROPERTIES)).toEqual([])
    expect(
      unsupported({
        ...PROPERTIES,
        bisectBatchOnFunctionError: false,
        maximumRecordAgeMs: -1,
        onFailureDestinationArn: '',
        filterPatterns: [],
        tumblingWindowMs: 0,
      }),
    ).toEqual([])
  })
})

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
})
