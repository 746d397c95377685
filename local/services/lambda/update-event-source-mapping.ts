import { z } from 'zod'
import { parseFilterPattern } from '../../event-source-mapping/filter-pattern.ts'
import type { MappingProperties, MappingUpdate } from '../../event-source-mapping/properties.ts'
import { AwsServiceError } from '../aws-json-server.ts'
import type { MappingDestination } from './controlled-mapping.ts'
import { functionReference, type LambdaService, referencedMapping } from './lambda-service.ts'
import { mappingOutput } from './mapping-output.ts'
import { parseBody, someOf, whole } from './request-input.ts'
import { invalidParameter, type LambdaAnswer, type LambdaRequest } from './request.ts'

const leastRecordAgeSeconds = 60

const destination = z.object({ Destination: z.string().optional() })

const inputSchema = z.strictObject({
  FunctionName: z.string().optional(),
  Enabled: z.boolean().optional(),
  BatchSize: whole(1, 10_000).optional(),
  MaximumBatchingWindowInSeconds: whole(0, 300).optional(),
  ParallelizationFactor: whole(1, 10).optional(),
  MaximumRetryAttempts: whole(-1, 10_000).optional(),
  MaximumRecordAgeInSeconds: whole(-1, 604_800).optional(),
  TumblingWindowInSeconds: whole(0, 900).optional(),
  BisectBatchOnFunctionError: z.boolean().optional(),
  FunctionResponseTypes: someOf(['ReportBatchItemFailures']).optional(),
  FilterCriteria: z
    .object({ Filters: z.array(z.object({ Pattern: z.string().default('') })).default([]) })
    .optional(),
  DestinationConfig: z
    .object({ OnFailure: destination.optional(), OnSuccess: destination.optional() })
    .optional(),
  ScalingConfig: z.unknown().optional(),
  MetricsConfig: z.object({ Metrics: someOf(['EventCount']).optional() }).optional(),
  // This changes nothing here.
  KMSKeyArn: z.unknown().optional(),
})

type Input = z.output<typeof inputSchema>

/**
 * Changes settings, the destination, and whether the mapping runs. The answer says `Updating`, `Enabling` or
 * `Disabling`; it is so until what was under way has ended.
 *
 * Throws `ResourceNotFoundException` for an unknown UUID, `ResourceInUseException` while another change is under way,
 * and `ValidationException` and `InvalidParameterValueException` for settings that Lambda does not take: nothing is
 * changed then. A mapping stays with its function.
 */
export function updateEventSourceMapping(
  service: LambdaService,
  { name, body }: LambdaRequest,
): LambdaAnswer {
  const controlled = referencedMapping(service, name)
  const input = parseBody(inputSchema, body)
  const settings = settingsOf(input)
  assertAccepted(service, input, { ...controlled.properties, ...settings })
  const destinationOfFailures = destinationOf(service, input)
  if (controlled.isInTransition)
    throw new AwsServiceError(
      'ResourceInUseException',
      `The mapping cannot be updated while it is ${controlled.state}.`,
    )
  const change = { settings, isEnabled: input.Enabled, destination: destinationOfFailures }
  const state = controlled.change(change, service.nowMs())
  return { status: 202, json: mappingOutput(service, controlled, state) }
}

function settingsOf(input: Input): MappingUpdate {
  const age = input.MaximumRecordAgeInSeconds
  const settings = {
    batchSize: input.BatchSize,
    maximumBatchingWindowMs: millis(input.MaximumBatchingWindowInSeconds),
    parallelizationFactor: input.ParallelizationFactor,
    maximumRetryAttempts: input.MaximumRetryAttempts,
    maximumRecordAgeMs: age === -1 ? -1 : millis(age),
    tumblingWindowMs: millis(input.TumblingWindowInSeconds),
    bisectBatchOnFunctionError: input.BisectBatchOnFunctionError,
    reportBatchItemFailures: input.FunctionResponseTypes?.includes('ReportBatchItemFailures'),
    emitsEventCounts: input.MetricsConfig && (input.MetricsConfig.Metrics ?? []).includes('EventCount'),
    filterPatterns: input.FilterCriteria?.Filters.map(({ Pattern }) => Pattern),
  }
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))
}

function millis(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1_000
}

/** What the bounds of single members do not say; the messages are Lambda's, but for filters with windows. */
function assertAccepted(service: LambdaService, input: Input, wanted: MappingProperties): void {
  const { FunctionName: functionName, MaximumRecordAgeInSeconds: age = -1 } = input
  if (functionName !== undefined) assertSameFunction(service, functionName, wanted.functionArn)
  if (input.ScalingConfig !== undefined)
    throw invalidParameter('Unsupported ScalingConfig parameter for given event source mapping type.')
  if (age !== -1 && age < leastRecordAgeSeconds)
    throw invalidParameter(
      'MaximumRecordAgeInSeconds must be either -1 (forever) or between 60 and 604800 (inclusive)',
    )
  for (const pattern of wanted.filterPatterns) assertPattern(pattern)
  if (wanted.tumblingWindowMs === 0) return
  if (wanted.parallelizationFactor > 1)
    throw invalidParameter(
      'Parallelization factor must be equal to 1 when tumbling window period is configured',
    )
  if (wanted.filterPatterns.length > 0)
    throw invalidParameter('Filter criteria must be empty when tumbling window period is configured')
}

function assertSameFunction(service: LambdaService, functionName: string, functionArn: string): void {
  const reference = functionReference(service, functionName)
  if (reference === undefined || !service.functions.has(reference.name))
    throw invalidParameter('Function does not exist')
  if (reference.arn !== functionArn || reference.qualifier !== undefined)
    throw invalidParameter('Another FunctionName is not supported here.')
}

function assertPattern(pattern: string): void {
  try {
    parseFilterPattern(pattern)
  } catch (error) {
    throw invalidParameter(error instanceof Error ? error.message : String(error))
  }
}

/** An empty text is no destination any more. */
function destinationOf(
  service: LambdaService,
  { DestinationConfig: config }: Input,
): MappingDestination | null | undefined {
  if (config?.OnSuccess?.Destination)
    throw invalidParameter('OnSuccess configuration is not supported for event source mappings.')
  const arn = config?.OnFailure?.Destination
  if (arn === undefined) return undefined
  if (arn === '') return null
  try {
    return { arn, reportFailure: service.reportFailuresTo(arn) }
  } catch (error) {
    throw invalidParameter(error instanceof Error ? error.message : String(error))
  }
}
