import { posix } from 'node:path'
import { assertProperties, type MappingProperties } from '../event-source-mapping/properties.ts'
import type { FunctionConfiguration } from '../lambda/function-configuration.ts'
import type { StreamOptions } from '../services/kinesis/stream.ts'
import type { AssemblyStack } from './assembly.ts'
import { type FailureDestination, failureDestination } from './failure-destination.ts'
import { generateSecret } from './generated-secret.ts'
import { planGlobalTable, type PlannedTable, planTable } from './plan-table.ts'
import { type PlannedNames, plannedNames, plannedOutputs } from './planned-names.ts'
import { localRegion, type ResourceName } from './resource-names.ts'
import { about, honouredProperties, refusal, type Resource, resourcesOf } from './resources.ts'
import type { EffectiveType, HonouredProperties } from './supported-properties.ts'

/** What AWS gives an on-demand stream at first. */
const onDemandShardCount = 4

const tableTypes = ['AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable'] as const

/** Everything that has to run for a cloud assembly, with all names known; nothing runs yet. */
export interface DeploymentPlan {
  readonly streams: readonly PlannedStream[]
  readonly tables: readonly PlannedTable[]
  readonly buckets: readonly string[]
  readonly queues: readonly {
    readonly name: string
    readonly arn: string
    /** As SQS names them; those that the template gives. */
    readonly attributes: Readonly<Record<string, string>>
  }[]
  readonly secrets: readonly { readonly name: string; readonly arn: string; readonly secretString: string }[]
  readonly functions: readonly FunctionConfiguration[]
  readonly mappings: readonly PlannedMapping[]
  /** The stacks' outputs. One that several stacks have is called `stack.output`. */
  readonly outputs: Readonly<Record<string, string>>
  readonly names: PlannedNames
  /** What is not quite as in AWS, a line each. */
  readonly notices: readonly string[]
}

/** A stream, and what it is created with. */
export interface PlannedStream extends StreamOptions {
  readonly name: string
  readonly arn: string
}

export interface PlannedMapping {
  readonly streamArn: string
  readonly functionName: string
  readonly executionRoleArn: string
  readonly isEnabled: boolean
  readonly failureDestination?: FailureDestination
  readonly properties: MappingProperties
}

/**
 * Works out what a cloud assembly deploys, without any effect.
 * @throws Error of one line that names the resource and what about it is not supported.
 */
export function planDeployment(stacks: readonly AssemblyStack[]): DeploymentPlan {
  for (const [index, { name, template }] of stacks.entries()) {
    if (stacks.findIndex((other) => other.name === name) !== index)
      throw new Error(`there are two stacks ${name}; locally there is one region and one account`)
    if (template.Transform !== undefined)
      throw new Error(`${name}: templates with a Transform are not supported locally`)
  }
  const resources = resourcesOf(stacks)
  const ofType = <T extends EffectiveType, R>(
    type: T,
    plan: (properties: HonouredProperties<T>, resource: Resource) => R,
  ): R[] => {
    const found = named(type)
    assertDistinct(found)
    return found.map((resource) => plan(honouredProperties(type, resource), resource))
  }
  const named = (...types: EffectiveType[]): Resource[] =>
    resources.filter(({ type }) => types.some((wanted) => wanted === type))

  const streams = ofType('AWS::Kinesis::Stream', planStream)
  const tables = [
    ...ofType('AWS::DynamoDB::Table', planTable),
    ...ofType('AWS::DynamoDB::GlobalTable', planGlobalTable),
  ]
  assertDistinct(named(...tableTypes))
  const buckets = ofType('AWS::S3::Bucket', (_properties, { id }) => id)
  const queues = ofType('AWS::SQS::Queue', planQueue)
  const secrets = ofType('AWS::SecretsManager::Secret', planSecret)
  const functions = ofType('AWS::Lambda::Function', planFunction)
  const streamArns = new Set(streams.map(({ stream }) => stream.arn))
  const tableStreamArns = new Set(tables.flatMap(({ streamArn }) => streamArn ?? []))
  return {
    streams: streams.map(({ stream }) => stream),
    tables,
    buckets: buckets.map(({ name }) => name),
    queues,
    secrets,
    functions: functions.map(({ configuration }) => configuration),
    mappings: ofType('AWS::Lambda::EventSourceMapping', (properties, resource) =>
      planMapping(properties, resource, { streamArns, tableStreamArns, functions, buckets, queues }),
    ),
    outputs: plannedOutputs(stacks),
    names: plannedNames(stacks, {
      streams: named('AWS::Kinesis::Stream'),
      tables: named(...tableTypes),
      buckets: named('AWS::S3::Bucket'),
      queues: named('AWS::SQS::Queue'),
      functions: named('AWS::Lambda::Function'),
    }),
    notices: [...streams, ...tables].flatMap(({ notice }) => notice ?? []),
  }
}

interface PlannedFunction {
  readonly role: string
  readonly configuration: FunctionConfiguration
}

function planStream(
  properties: HonouredProperties<'AWS::Kinesis::Stream'>,
  { stack, logicalId, id: { name, arn } }: Resource,
): { readonly stream: PlannedStream; readonly notice: string | undefined } {
  const {
    ShardCount: shardCount = 1,
    StreamModeDetails,
    RetentionPeriodHours: retentionHours,
    Tags,
  } = properties
  const tags = Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value]))
  const mode = StreamModeDetails?.StreamMode ?? 'PROVISIONED'
  const isOnDemand = mode === 'ON_DEMAND'
  return {
    stream: {
      name,
      arn,
      mode,
      retentionHours,
      tags,
      shardCount: isOnDemand ? onDemandShardCount : shardCount,
    },
    notice: isOnDemand
      ? `${stack.name}/${logicalId}: on demand in AWS, always ${onDemandShardCount} shards here`
      : undefined,
  }
}

/** Numbers and objects are attributes as JSON. */
function planQueue(
  { QueueName: _name, FifoQueue: _fifo, ...attributes }: HonouredProperties<'AWS::SQS::Queue'>,
  { id: { name, arn } }: Resource,
) {
  const texts = Object.entries(attributes).map(([key, value]) => [key, JSON.stringify(value)])
  return { name, arn, attributes: Object.fromEntries(texts) as Record<string, string> }
}

function planSecret(properties: HonouredProperties<'AWS::SecretsManager::Secret'>, resource: Resource) {
  const { name, arn } = resource.id
  const { SecretString: given, GenerateSecretString: wanted } = properties
  const generated = about(resource, () => wanted && generateSecret(wanted, arn))
  return { name, arn, secretString: given ?? generated ?? '' }
}

function planFunction(
  properties: HonouredProperties<'AWS::Lambda::Function'>,
  resource: Resource,
): PlannedFunction {
  const { stack, id } = resource
  const hash = posix.basename(properties.Code.S3Key, '.zip')
  const codeDirectory = stack.assetPaths.get(hash)
  if (codeDirectory === undefined) throw refusal(resource, `its code ${hash} is no asset of ${stack.name}`)
  if (/\.(zip|jar)$/.test(codeDirectory))
    throw refusal(resource, 'its code is an archive; only assets that are directories run here')
  return {
    role: properties.Role,
    configuration: {
      functionName: id.name,
      functionArn: id.arn,
      handler: properties.Handler,
      codeDirectory,
      memorySizeMb: properties.MemorySize,
      timeoutMs: properties.Timeout * 1_000,
      environment: properties.Environment?.Variables ?? {},
      ...(properties.ReservedConcurrentExecutions !== undefined && {
        reservedConcurrency: properties.ReservedConcurrentExecutions,
      }),
      region: localRegion,
      logGroupName: properties.LoggingConfig?.LogGroup ?? `/aws/lambda/${id.name}`,
    },
  }
}

/** What a mapping may refer to. */
interface Deployed {
  readonly streamArns: ReadonlySet<string>
  readonly tableStreamArns: ReadonlySet<string>
  readonly functions: readonly PlannedFunction[]
  readonly buckets: readonly ResourceName[]
  readonly queues: DeploymentPlan['queues']
}

function planMapping(
  properties: HonouredProperties<'AWS::Lambda::EventSourceMapping'>,
  resource: Resource,
  deployed: Deployed,
): PlannedMapping {
  const { FunctionName: functionName, EventSourceArn: streamArn } = properties
  const target = deployed.functions.find(
    ({ configuration }) =>
      functionName === configuration.functionName || functionName === configuration.functionArn,
  )
  if (target === undefined) throw refusal(resource, `there is no function ${functionName}`)
  if (/^arn:aws:kinesis:.*\/consumer\//.test(streamArn))
    throw refusal(
      resource,
      `property EventSourceArn is not supported locally: ${streamArn} has its own throughput`,
    )
  if (deployed.tableStreamArns.has(streamArn) && properties.StartingPosition === 'AT_TIMESTAMP')
    throw refusal(
      resource,
      'property StartingPosition is not supported: the stream of a table is not read from a time on',
    )
  if (!deployed.streamArns.has(streamArn) && !deployed.tableStreamArns.has(streamArn))
    throw refusal(resource, `there is no stream ${streamArn}`)
  const destinationArn = properties.DestinationConfig?.OnFailure?.Destination
  // An empty one is how AWS takes a destination away.
  const destination = destinationArn && about(resource, () => failureDestination(destinationArn, deployed))
  const planned = mappingProperties(resource.id.name, target.configuration.functionArn, properties)
  about(resource, () => assertProperties(planned))
  return {
    streamArn,
    functionName: target.configuration.functionName,
    executionRoleArn: target.role,
    isEnabled: properties.Enabled,
    ...(destination && { failureDestination: destination }),
    properties: planned,
  }
}

function mappingProperties(
  uuid: string,
  functionArn: string,
  properties: HonouredProperties<'AWS::Lambda::EventSourceMapping'>,
): MappingProperties {
  const startingSeconds = properties.StartingPositionTimestamp
  const recordAgeSeconds = properties.MaximumRecordAgeInSeconds
  return {
    uuid,
    functionArn,
    batchSize: properties.BatchSize,
    maximumBatchingWindowMs: properties.MaximumBatchingWindowInSeconds * 1_000,
    parallelizationFactor: properties.ParallelizationFactor,
    maximumRetryAttempts: properties.MaximumRetryAttempts,
    reportBatchItemFailures: properties.FunctionResponseTypes.includes('ReportBatchItemFailures'),
    startingPosition: properties.StartingPosition,
    ...(startingSeconds !== undefined && { startingTimestampMs: startingSeconds * 1_000 }),
    bisectBatchOnFunctionError: properties.BisectBatchOnFunctionError,
    maximumRecordAgeMs: recordAgeSeconds < 0 ? -1 : recordAgeSeconds * 1_000,
    filterPatterns: properties.FilterCriteria?.Filters.map(({ Pattern }) => Pattern) ?? [],
    tumblingWindowMs: properties.TumblingWindowInSeconds * 1_000,
    emitsEventCounts: properties.MetricsConfig?.Metrics.includes('EventCount') ?? false,
  }
}

/** Names that the templates choose may be those of others. */
function assertDistinct(resources: readonly Resource[]): void {
  const first = new Map<string, Resource>()
  for (const resource of resources) {
    const { name } = resource.id
    const other = first.get(name)
    if (other !== undefined)
      throw refusal(resource, `its name ${name} is that of ${other.stack.name}/${other.logicalId} already`)
    first.set(name, resource)
  }
}
