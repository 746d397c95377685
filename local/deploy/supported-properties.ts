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
const seconds = z.preprocess(
  (value) => (typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value),
  z.number().nonnegative(),
)
const text = z.union([z.string(), z.number(), z.boolean()]).transform(String)

/** What of a property changes nothing here. */
const harmless = z.unknown().optional()

const keySchema = z
  .array(z.strictObject({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }))
  .min(1)
const throughput = z.strictObject({ ReadCapacityUnits: whole(1), WriteCapacityUnits: whole(1) })
const index = z.strictObject({
  IndexName: z.string(),
  KeySchema: keySchema,
  Projection: z.strictObject({
    ProjectionType: z.enum(['ALL', 'KEYS_ONLY', 'INCLUDE']).optional(),
    NonKeyAttributes: z.array(z.string()).optional(),
  }),
})
/** What the two kinds of tables have in common. */
const table = z.object({
  TableName: z.string().optional(),
  KeySchema: keySchema,
  AttributeDefinitions: z.array(
    z.strictObject({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) }),
  ),
  BillingMode: z.enum(['PROVISIONED', 'PAY_PER_REQUEST']).default('PROVISIONED'),
  LocalSecondaryIndexes: z.array(index).optional(),
  StreamSpecification: z
    .strictObject({
      StreamViewType: z.enum(['KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES']),
      ResourcePolicy: harmless,
    })
    .optional(),
  TimeToLiveSpecification: z
    .strictObject({ AttributeName: z.string().optional(), Enabled: truth })
    .optional(),
})

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

  'AWS::DynamoDB::Table': {
    honoured: table.extend({
      ProvisionedThroughput: throughput.optional(),
      GlobalSecondaryIndexes: z
        .array(
          index.extend({
            ProvisionedThroughput: throughput.optional(),
            ContributorInsightsSpecification: harmless,
            OnDemandThroughput: harmless,
            WarmThroughput: harmless,
          }),
        )
        .optional(),
    }),
    harmless: [
      'ContributorInsightsSpecification',
      'DeletionProtectionEnabled',
      'OnDemandThroughput',
      'PointInTimeRecoverySpecification',
      'ResourcePolicy',
      'SSESpecification',
      'TableClass',
      'Tags',
      'WarmThroughput',
    ],
  },

  'AWS::DynamoDB::GlobalTable': {
    honoured: table.extend({
      GlobalSecondaryIndexes: z
        .array(
          index.extend({
            ReadOnDemandThroughputSettings: harmless,
            ReadProvisionedThroughputSettings: harmless,
            WarmThroughput: harmless,
            WriteOnDemandThroughputSettings: harmless,
            WriteProvisionedThroughputSettings: harmless,
          }),
        )
        .optional(),
      Replicas: z
        .array(
          z.strictObject({
            Region: z.string(),
            ContributorInsightsSpecification: harmless,
            DeletionProtectionEnabled: harmless,
            GlobalSecondaryIndexes: harmless,
            GlobalTableSettingsReplicationMode: harmless,
            PointInTimeRecoverySpecification: harmless,
            ReadOnDemandThroughputSettings: harmless,
            ReadProvisionedThroughputSettings: harmless,
            ReplicaStreamSpecification: harmless,
            ResourcePolicy: harmless,
            SSESpecification: harmless,
            TableClass: harmless,
            Tags: harmless,
          }),
        )
        .length(1, 'there is one region, and the table itself is its replica'),
    }),
    harmless: [
      'MultiRegionConsistency',
      'ReadOnDemandThroughputSettings',
      'ReadProvisionedThroughputSettings',
      'SSESpecification',
      'WarmThroughput',
      'WriteOnDemandThroughputSettings',
      'WriteProvisionedThroughputSettings',
    ],
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

  'AWS::SQS::Queue': {
    honoured: z.object({
      QueueName: z
        .string()
        .regex(/^[\w-]{1,80}$/, 'only standard queues run here')
        .optional(),
      FifoQueue: truth.pipe(z.literal(false, 'only standard queues run here')).optional(),
      DelaySeconds: whole(0, 900).optional(),
      MaximumMessageSize: whole(1_024, 1_048_576).optional(),
      ReceiveMessageWaitTimeSeconds: whole(0, 20).optional(),
      RedrivePolicy: z
        .strictObject({ deadLetterTargetArn: z.string(), maxReceiveCount: whole(1, 1_000) })
        .optional(),
      VisibilityTimeout: whole(0, 43_200).optional(),
    }),
    harmless: [
      'KmsDataKeyReusePeriodSeconds',
      'KmsMasterKeyId',
      'MessageRetentionPeriod',
      // Says whose failed messages it takes.
      'RedriveAllowPolicy',
      'SqsManagedSseEnabled',
      'Tags',
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
      StartingPosition: z.enum(['TRIM_HORIZON', 'LATEST', 'AT_TIMESTAMP']),
      /** Epoch seconds. */
      StartingPositionTimestamp: seconds.optional(),
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
      Enabled: truth.default(true),
      // Other metrics are of queues and of Kafka.
      MetricsConfig: z.strictObject({ Metrics: z.array(z.literal('EventCount')).default([]) }).optional(),
    }),
    harmless: ['KmsKeyArn', 'Tags'],
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
