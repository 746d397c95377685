import * as z from 'zod'
import type { MappingProperties } from '../event-source-mapping/properties.ts'
import type { FunctionConfiguration } from '../lambda/function-configuration.ts'
import type { AssemblyStack } from './assembly.ts'
import { resolveIntrinsics, type TemplateNames } from './intrinsics.ts'
import { localAccountId, localRegion, type ResourceName, resourceName } from './resource-names.ts'

/** Everything that has to run for a template, with all names known; nothing runs yet. */
export interface DeploymentPlan {
  readonly streams: readonly { readonly name: string; readonly arn: string; readonly shardCount: number }[]
  readonly buckets: readonly string[]
  readonly secrets: readonly { readonly name: string; readonly arn: string; readonly secretString: string }[]
  readonly functions: readonly FunctionConfiguration[]
  readonly mappings: readonly PlannedMapping[]
  /** The stacks' outputs. */
  readonly outputs: Readonly<Record<string, string>>
}

export interface PlannedMapping {
  readonly streamArn: string
  readonly functionName: string
  readonly executionRoleArn: string
  readonly properties: MappingProperties
}

const streamSchema = z.looseObject({ ShardCount: z.int().min(1).default(1) })

const secretSchema = z.looseObject({ SecretString: z.string().optional() })

const functionSchema = z.looseObject({
  Code: z.looseObject({ S3Key: z.string() }),
  Handler: z.string(),
  Role: z.string(),
  MemorySize: z.int().default(128),
  Timeout: z.int().default(3),
  Environment: z.looseObject({ Variables: z.record(z.string(), z.string()).default({}) }).optional(),
  ReservedConcurrentExecutions: z.int().min(0).optional(),
  LoggingConfig: z.looseObject({ LogGroup: z.string().optional() }).optional(),
})

const mappingSchema = z.looseObject({
  EventSourceArn: z.string(),
  FunctionName: z.string(),
  StartingPosition: z.enum(['TRIM_HORIZON', 'LATEST']),
  BatchSize: z.int().default(100),
  MaximumBatchingWindowInSeconds: z.int().default(0),
  ParallelizationFactor: z.int().default(1),
  MaximumRetryAttempts: z.int().default(-1),
  MaximumRecordAgeInSeconds: z.int().default(-1),
  BisectBatchOnFunctionError: z.boolean().default(false),
  TumblingWindowInSeconds: z.int().default(0),
  FunctionResponseTypes: z.array(z.string()).default([]),
  DestinationConfig: z
    .looseObject({ OnFailure: z.looseObject({ Destination: z.string() }).optional() })
    .optional(),
  FilterCriteria: z.looseObject({ Filters: z.array(z.looseObject({ Pattern: z.string() })) }).optional(),
  Enabled: z.literal(true).default(true),
})

/**
 * Works out what a cloud assembly deploys, without any effect.
 * @throws Error of one line that names the resource and what about it is not supported.
 */
export function planDeployment(stacks: readonly AssemblyStack[]): DeploymentPlan {
  const plans = stacks.map(planStack)
  return {
    streams: plans.flatMap(({ streams }) => streams),
    buckets: plans.flatMap(({ buckets }) => buckets),
    secrets: plans.flatMap(({ secrets }) => secrets),
    functions: plans.flatMap(({ functions }) => functions),
    mappings: plans.flatMap(({ mappings }) => mappings),
    outputs: Object.assign({}, ...plans.map(({ outputs }) => outputs)) as Record<string, string>,
  }
}

interface ResolvedResource {
  readonly type: string
  readonly logicalId: string
  readonly id: ResourceName
  readonly properties: unknown
}

function planStack(stack: AssemblyStack): DeploymentPlan {
  const resources = resolveResources(stack)
  const ofType = <T, P>(
    type: string,
    schema: z.ZodType<P>,
    plan: (properties: P, resource: ResolvedResource) => T,
  ): T[] =>
    resources
      .filter((resource) => resource.type === type)
      .map((resource) => plan(validated(resource, schema), resource))

  const functions = ofType('AWS::Lambda::Function', functionSchema, (properties, { id, logicalId }) => {
    const hash = properties.Code.S3Key.replace(/\.zip$/, '')
    const codeDirectory = stack.assetPaths.get(hash)
    if (codeDirectory === undefined)
      throw new Error(`${logicalId}: its code ${hash} is no asset of ${stack.name}`)
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
  })
  const anything = z.looseObject({})
  return {
    streams: ofType('AWS::Kinesis::Stream', streamSchema, ({ ShardCount }, { id }) => ({
      name: id.name,
      arn: id.arn,
      shardCount: ShardCount,
    })),
    buckets: ofType('AWS::S3::Bucket', anything, (_properties, { id }) => id.name),
    secrets: ofType('AWS::SecretsManager::Secret', secretSchema, ({ SecretString }, { id }) => ({
      name: id.name,
      arn: id.arn,
      secretString: SecretString ?? '',
    })),
    functions: functions.map(({ configuration }) => configuration),
    mappings: ofType('AWS::Lambda::EventSourceMapping', mappingSchema, (properties, { id, logicalId }) => {
      const target = functions.find(
        ({ configuration: { functionName, functionArn } }) =>
          properties.FunctionName === functionName || properties.FunctionName === functionArn,
      )
      if (target === undefined)
        throw new Error(`${logicalId}: there is no function ${properties.FunctionName}`)
      return {
        streamArn: properties.EventSourceArn,
        functionName: target.configuration.functionName,
        executionRoleArn: target.role,
        properties: mappingProperties(id.name, properties),
      }
    }),
    outputs: Object.fromEntries(
      Object.entries(stack.template.Outputs).map(([name, { Value }]) => [
        name,
        String(resolveIntrinsics(Value, namesIn(stack))),
      ]),
    ),
  }
}

function mappingProperties(uuid: string, properties: z.infer<typeof mappingSchema>): MappingProperties {
  const destination = properties.DestinationConfig?.OnFailure?.Destination
  const recordAgeSeconds = properties.MaximumRecordAgeInSeconds
  return {
    uuid,
    batchSize: properties.BatchSize,
    maximumBatchingWindowMs: properties.MaximumBatchingWindowInSeconds * 1_000,
    parallelizationFactor: properties.ParallelizationFactor,
    maximumRetryAttempts: properties.MaximumRetryAttempts,
    reportBatchItemFailures: properties.FunctionResponseTypes.includes('ReportBatchItemFailures'),
    startingPosition: properties.StartingPosition,
    bisectBatchOnFunctionError: properties.BisectBatchOnFunctionError,
    maximumRecordAgeMs: recordAgeSeconds < 0 ? -1 : recordAgeSeconds * 1_000,
    ...(destination !== undefined && { onFailureDestinationArn: destination }),
    filterPatterns: properties.FilterCriteria?.Filters.map(({ Pattern }) => Pattern) ?? [],
    tumblingWindowMs: properties.TumblingWindowInSeconds * 1_000,
  }
}

function resolveResources(stack: AssemblyStack): ResolvedResource[] {
  const names = namesIn(stack)
  return Object.entries(stack.template.Resources).map(
    ([logicalId, { Type: type, Properties: properties }]) => {
      const id = resourceName(type, stack.name, logicalId)
      try {
        return { type, logicalId, id, properties: resolveIntrinsics(properties ?? {}, names) }
      } catch (error) {
        throw new Error(`${logicalId}: ${error instanceof Error ? error.message : String(error)}`, {
          cause: error,
        })
      }
    },
  )
}

function namesIn({ name: stackName, template }: AssemblyStack): TemplateNames {
  const pseudoParameters = new Map([
    ['AWS::Region', localRegion],
    ['AWS::AccountId', localAccountId],
    ['AWS::Partition', 'aws'],
    ['AWS::URLSuffix', 'amazonaws.com'],
    ['AWS::StackName', stackName],
  ])
  const find = (logicalId: string): ResourceName | undefined => {
    const resource = Object.hasOwn(template.Resources, logicalId) ? template.Resources[logicalId] : undefined
    return resource && resourceName(resource.Type, stackName, logicalId)
  }
  return {
    ref: (name) => {
      const parameter = Object.hasOwn(template.Parameters, name)
        ? template.Parameters[name]?.Default
        : undefined
      return (
        pseudoParameters.get(name) ??
        find(name)?.ref ??
        (typeof parameter === 'string' ? parameter : undefined)
      )
    },
    attribute: (logicalId, attribute) => (attribute === 'Arn' ? find(logicalId)?.arn : undefined),
  }
}

function validated<T>({ logicalId, properties }: ResolvedResource, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(properties)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new Error(
    `${logicalId}: property ${issue?.path.join('.') ?? ''} is not supported locally: ${issue?.message ?? ''}`,
  )
}
