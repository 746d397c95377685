import * as z from 'zod'
import { generateSecretSchema } from './generated-secret.ts'

/** CloudFormation takes a number or a truth value as text too. */
const whole = (least: number, most = Number.MAX_SAFE_INTEGER) =>
  z.preprocess(
    (value) => (typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value),
    z.int().min(least).max(most),
  )
const truth = z.preprocess(
  (value) => (value === 'true' ? true : value === 'false' ? false : value),
  z.boolean(),
)
const text = z.union([z.string(), z.number(), z.boolean()]).transform(String)

/**
 * What of each resource type is understood. `honoured` properties have an effect here, or are announced at the start
 * where a mapping has not come to them; `harmless` ones change nothing that a function or a producer could tell. Any
 * other one is refused, as is a value that `honoured` does not take.
 */
export const supportedProperties = {
  'AWS::Kinesis::Stream': {
    honoured: z.object({
      Name: z.string().optional(),
      ShardCount: whole(1).optional(),
      StreamModeDetails: z.strictObject({ StreamMode: z.enum(['PROVISIONED', 'ON_DEMAND']) }).optional(),
      MaxRecordSizeInKiB: whole(1_024, 1_024).optional(),
      RetentionPeriodHours: whole(24, 8_760).default(24),
      Tags: z.array(z.strictObject({ Key: z.string(), Value: text })).default([]),
    }),
    harmless: ['DesiredShardLevelMetrics', 'StreamEncryption', 'WarmThroughputMiBps'],
  },

  'AWS::S3::Bucket': {
    honoured: z.object({ BucketName: z.string().optional() }),
    harmless: [
      'AccelerateConfiguration',
      'AccessControl',
      'AnalyticsConfigurations',
      'BucketEncryption',
      'IntelligentTieringConfigurations',
      'InventoryConfigurations',
      'LifecycleConfiguration',
      'LoggingConfiguration',
      'MetricsConfigurations',
      'OwnershipControls',
      'PublicAccessBlockConfiguration',
      'Tags',
      'VersioningConfiguration',
    ],
  },

  'AWS::SecretsManager::Secret': {
    honoured: z.object({
      Name: z.string().optional(),
      SecretString: z.string().optional(),
      GenerateSecretString: generateSecretSchema.optional(),
    }),
    harmless: ['Description', 'KmsKeyId', 'ReplicaRegions', 'Tags'],
  },

  'AWS::Lambda::Function': {
    honoured: z.object({
      FunctionName: z.string().optional(),
      PackageType: z.literal('Zip').optional(),
      Runtime: z
        .string()
        .regex(/^nodejs\d/, 'only Node.js runs here')
        .optional(),
      Code: z.strictObject({ S3Bucket: z.string().optional(), S3Key: z.string() }),
      Handler: z.string(),
      Role: z.string(),
      MemorySize: whole(1).default(128),
      Timeout: whole(1).default(3),
      Environment: z.strictObject({ Variables: z.record(z.string(), text).default({}) }).optional(),
      ReservedConcurrentExecutions: whole(0).optional(),
      LoggingConfig: z.looseObject({ LogGroup: z.string().optional() }).optional(),
    }),
    harmless: [
      'Architectures',
      'CodeSigningConfigArn',
      // Of asynchronous invocations only, which nothing makes here.
      'DeadLetterConfig',
      'Description',
      'EphemeralStorage',
      'KmsKeyArn',
      'RecursiveLoop',
      'RuntimeManagementConfig',
      // Of published versions only.
      'SnapStart',
      'Tags',
      'TracingConfig',
    ],
  },

  'AWS::Lambda::EventSourceMapping': {
    honoured: z.object({
      EventSourceArn: z.string(),
      FunctionName: z.string(),
      StartingPosition: z.enum(['TRIM_HORIZON', 'LATEST'], 'it starts at TRIM_HORIZON or LATEST'),
      BatchSize: whole(1, 10_000).default(100),
      MaximumBatchingWindowInSeconds: whole(0, 300).default(0),
      ParallelizationFactor: whole(1, 10).default(1),
      MaximumRetryAttempts: whole(-1, 10_000).default(-1),
      MaximumRecordAgeInSeconds: whole(-1).default(-1),
      BisectBatchOnFunctionError: truth.default(false),
      TumblingWindowInSeconds: whole(0).default(0),
      FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).default([]),
      DestinationConfig: z
        .strictObject({ OnFailure: z.strictObject({ Destination: z.string() }).optional() })
        .optional(),
      FilterCriteria: z
        .strictObject({ Filters: z.array(z.strictObject({ Pattern: z.string() })).default([]) })
        .optional(),
      Enabled: truth.pipe(z.literal(true, 'it would be switched off')).default(true),
    }),
    harmless: ['KmsKeyArn', 'MetricsConfig', 'Tags'],
  },
} as const satisfies Readonly<
  Record<string, { readonly honoured: z.ZodObject; readonly harmless: readonly string[] }>
>

/** A resource type that has an effect here. */
export type EffectiveType = keyof typeof supportedProperties

/** The properties of a resource of that type that have an effect, with their defaults. */
export type HonouredProperties<T extends EffectiveType> = z.output<
  (typeof supportedProperties)[T]['honoured']
>
