/** The settings of a mapping between a Kinesis stream and a function; ranges as in the Lambda API. */
export interface MappingProperties {
  readonly uuid: string
  /** 1 to 10,000 records. */
  readonly batchSize: number
  /** 0 to 300,000. With 0 what a read returned is sent at once. */
  readonly maximumBatchingWindowMs: number
  /** Batches in flight at once for each shard, 1 to 10. */
  readonly parallelizationFactor: number
  /** -1 (without end) to 10,000. */
  readonly maximumRetryAttempts: number
  /** Whether the function's answer names the records that failed. */
  readonly reportBatchItemFailures: boolean
  /** Where a shard is begun: at its oldest record, or behind its newest one at the start of the mapping. */
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST'
  /** Pause after a read that found nothing; 1,000 unless set, as on AWS. */
  readonly pollIntervalMs?: number

  /** See {@link unsupported} for the settings from here on. */
  readonly bisectBatchOnFunctionError?: boolean
  /** -1: without end. */
  readonly maximumRecordAgeMs?: number
  readonly onFailureDestinationArn?: string
  readonly filterPatterns?: readonly string[]
  readonly tumblingWindowMs?: number
}

/** The settings that are set to something and have no effect yet, by their names in CloudFormation. */
export function unsupported(properties: MappingProperties): string[] {
  const set: Record<string, boolean> = {
    BisectBatchOnFunctionError: properties.bisectBatchOnFunctionError ?? false,
    MaximumRecordAgeInSeconds: (properties.maximumRecordAgeMs ?? -1) !== -1,
    DestinationConfig: (properties.onFailureDestinationArn ?? '') !== '',
    FilterCriteria: (properties.filterPatterns ?? []).length > 0,
    TumblingWindowInSeconds: (properties.tumblingWindowMs ?? 0) > 0,
  }
  return Object.keys(set).filter((name) => set[name])
}

/** Throws a RangeError that names the first setting outside the range of the Lambda API. */
export function assertProperties(properties: MappingProperties): void {
  assertRange('batchSize', properties.batchSize, 1, 10_000)
  assertRange('maximumBatchingWindowMs', properties.maximumBatchingWindowMs, 0, 300_000)
  assertRange('parallelizationFactor', properties.parallelizationFactor, 1, 10)
  assertRange('maximumRetryAttempts', properties.maximumRetryAttempts, -1, 10_000)
}

function assertRange(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw new RangeError(`${name} is ${value}; it must be an integer from ${least} to ${most}`)
}
