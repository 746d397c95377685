import { parseFilterPattern } from './filter-pattern.ts'

/** The settings of a mapping between a stream and a function; ranges as in the Lambda API, -1 is without end. */
export interface MappingProperties {
  readonly uuid: string
  /** As the mapping names it: reports say so. */
  readonly functionArn: string
  /** 1 to 10,000 records. */
  readonly batchSize: number
  /** 0 to 300,000. With 0 what a read returned is sent at once. */
  readonly maximumBatchingWindowMs: number
  /** Batches in flight at once for each shard, 1 to 10. */
  readonly parallelizationFactor: number
  /** -1 to 10,000. */
  readonly maximumRetryAttempts: number
  /** -1, or 60,000 to 604,800,000. */
  readonly maximumRecordAgeMs: number
  /** Whether a batch that fails is halved before it is tried again. */
  readonly bisectBatchOnFunctionError: boolean
  /** Whether the function's answer names the records that failed. */
  readonly reportBatchItemFailures: boolean
  /** A record is delivered if it matches any of them; none lets all pass. */
  readonly filterPatterns: readonly string[]
  /** 0 to 900,000; 0: no windows. Windows go with a factor of 1 and without filters only. */
  readonly tumblingWindowMs: number
  /** Whether its event counts are told as metrics: `EventCount` of the API's `MetricsConfig`. */
  readonly emitsEventCounts: boolean
  /**
   * Where shards begin: at their oldest record, behind the newest one at the start of the mapping, or at the first one
   * that arrived at `startingTimestampMs` or later.
   */
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST' | 'AT_TIMESTAMP'
  /** Epoch milliseconds; with AT_TIMESTAMP. */
  readonly startingTimestampMs?: number
}

/** The settings that may change while a mapping runs. */
export type MappingUpdate = Partial<
  Omit<MappingProperties, 'uuid' | 'functionArn' | 'startingPosition' | 'startingTimestampMs'>
>

/**
 * Throws a RangeError that names the first setting outside the range of the Lambda API, or settings that exclude each
 * other there, and an Error for a filter that is no pattern.
 */
export function assertProperties(properties: MappingProperties): void {
  const { maximumRecordAgeMs, tumblingWindowMs, filterPatterns, startingTimestampMs } = properties
  assertRange('batchSize', properties.batchSize, 1, 10_000)
  assertRange('maximumBatchingWindowMs', properties.maximumBatchingWindowMs, 0, 300_000)
  assertRange('parallelizationFactor', properties.parallelizationFactor, 1, 10)
  assertRange('maximumRetryAttempts', properties.maximumRetryAttempts, -1, 10_000)
  if (maximumRecordAgeMs !== -1) assertRange('maximumRecordAgeMs', maximumRecordAgeMs, 60_000, 604_800_000)
  assertRange('tumblingWindowMs', tumblingWindowMs, 0, 900_000)
  if (tumblingWindowMs > 0 && properties.parallelizationFactor > 1)
    throw new RangeError(
      'Parallelization factor must be equal to 1 when tumbling window period is configured',
    )
  if (tumblingWindowMs > 0 && filterPatterns.length > 0)
    throw new RangeError('filterPatterns and tumblingWindowMs cannot be set together')
  if ((properties.startingPosition === 'AT_TIMESTAMP') !== (startingTimestampMs !== undefined))
    throw new RangeError('Timestamp only valid with StartingPosition AT_TIMESTAMP')
  for (const pattern of filterPatterns) parseFilterPattern(pattern)
}

function assertRange(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw new RangeError(`${name} is ${value}; it must be an integer from ${least} to ${most}`)
}
