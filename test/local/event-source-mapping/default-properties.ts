import type { MappingProperties } from '../../../local/event-source-mapping/properties.ts'

/** The settings of a mapping in tests: a batch size of 10, and otherwise as AWS has them, but for partial answers. */
export const defaultProperties: MappingProperties = {
  uuid: '0b1c2d3e-0000-4000-8000-000000000000',
  functionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:flights',
  batchSize: 10,
  maximumBatchingWindowMs: 0,
  parallelizationFactor: 1,
  maximumRetryAttempts: -1,
  maximumRecordAgeMs: -1,
  bisectBatchOnFunctionError: false,
  reportBatchItemFailures: true,
  filterPatterns: [],
  tumblingWindowMs: 0,
  emitsEventCounts: false,
  startingPosition: 'TRIM_HORIZON',
}
