import type { ControlledMapping, MappingState } from './controlled-mapping.ts'
import type { LambdaService } from './lambda-service.ts'

/** A mapping as Lambda describes it, all durations in seconds; a list of filters only if there are some. */
export function mappingOutput(
  { region, accountId }: LambdaService,
  controlled: ControlledMapping,
  state: MappingState = controlled.state,
) {
  const { mapping, properties, streamArn, destinationArn, lastModifiedMs } = controlled
  const { uuid, startingTimestampMs, filterPatterns, maximumRecordAgeMs } = properties
  return {
    UUID: uuid,
    EventSourceMappingArn: `arn:aws:lambda:${region}:${accountId}:event-source-mapping:${uuid}`,
    EventSourceArn: streamArn,
    FunctionArn: properties.functionArn,
    StartingPosition: properties.startingPosition,
    ...(startingTimestampMs !== undefined && { StartingPositionTimestamp: startingTimestampMs / 1_000 }),
    BatchSize: properties.batchSize,
    MaximumBatchingWindowInSeconds: properties.maximumBatchingWindowMs / 1_000,
    ParallelizationFactor: properties.parallelizationFactor,
    MaximumRetryAttempts: properties.maximumRetryAttempts,
    MaximumRecordAgeInSeconds: maximumRecordAgeMs === -1 ? -1 : maximumRecordAgeMs / 1_000,
    BisectBatchOnFunctionError: properties.bisectBatchOnFunctionError,
    TumblingWindowInSeconds: properties.tumblingWindowMs / 1_000,
    FunctionResponseTypes: properties.reportBatchItemFailures ? ['ReportBatchItemFailures'] : [],
    DestinationConfig: { OnFailure: destinationArn === undefined ? {} : { Destination: destinationArn } },
    ...(filterPatterns.length > 0 && {
      FilterCriteria: { Filters: filterPatterns.map((Pattern) => ({ Pattern })) },
    }),
    ...(properties.emitsEventCounts && { MetricsConfig: { Metrics: ['EventCount'] } }),
    State: state,
    StateTransitionReason: 'User action',
    LastProcessingResult: mapping.stats().lastProcessingResult,
    LastModified: lastModifiedMs / 1_000,
  }
}
