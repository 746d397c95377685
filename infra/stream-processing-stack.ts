import { join } from 'node:path'
import { CfnOutput, RemovalPolicy, Stack, type StackProps, Token, Validations } from 'aws-cdk-lib'
import { AttributeType, Billing, StreamViewType, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import {
  StreamConsumer as FanOut,
  type IStreamConsumer,
  Stream,
  StreamEncryption,
  StreamMode,
} from 'aws-cdk-lib/aws-kinesis'
import type { Construct } from 'constructs'
import { addAlarms } from './alarms/alarms.ts'
import type { ConsumerSettings, DeployedSettings } from './constructs/consumer-settings.ts'
import { DataKey } from './constructs/data-key.ts'
import { FailedRecordsBucket } from './constructs/failed-records-bucket.ts'
import type { ConsumedPipeline } from './constructs/mapping-rules.ts'
import { MomentoSecret } from './constructs/momento-secret.ts'
import { PrivateNetwork, type PrivateNetworkProps } from './constructs/private-network.ts'
import { StreamConsumer } from './constructs/stream-consumer.ts'
import { addDashboard } from './dashboard/dashboard.ts'
import type { ExpectedLag, MonitoredPipeline, MonitoredTuning } from './monitored-pipeline.ts'
import { fanOutSource, type Source, streamSource, tableSource } from './sources.ts'

/** A stream to make, and the pipelines that read it. Names are kebab-case. */
export interface ConsumedStream {
  readonly name: string
  readonly pipelines: readonly ConsumedPipeline[]
}

/** A table to make, whose items are named by one text, and the pipelines that read its changes. Names are kebab-case. */
export interface ConsumedTable extends ConsumedStream {
  readonly partitionKey: string
}

const usuallyExpected: ExpectedLag = { expectedLagMs: 5_000, catchUpAfterOutageMs: 600_000 }

/** Every consumer has the settings that are given here. */
export interface StreamProcessingProps extends StackProps, ConsumerSettings {
  readonly streams: readonly ConsumedStream[]
  /** Default none. */
  readonly tables?: readonly ConsumedTable[]
  readonly momentoCacheName: string

  /** Shards of each stream; a pipeline's buckets should be as many. */
  readonly shardCount: number
  /** What the tuning foretells, from which the alarms' thresholds follow. Default 5 seconds, and 10 minutes. */
  readonly expected?: ExpectedLag
  /**
   * Whether streams, tables and the secret stay when the stack is deleted, and tables can be restored to any second of
   * the last 35 days and not be deleted by mistake. Default true; false where producers can make it all again.
   */
  readonly keepsData?: boolean
  /**
   * Encrypts streams, tables, bucket, logs and secret with a key of the account's own; needs `env.region`. Default with
   * keys of AWS.
   */
  readonly hasOwnKey?: boolean
  /** Gives each pipeline on a stream reading capacity of its own. Default false: they share the stream's. */
  readonly hasEnhancedFanOut?: boolean
  /** Puts the functions into a network with so many NAT gateways. Default none: they have no network of anybody's. */
  readonly natGateways?: PrivateNetworkProps['natGateways']
}

/**
 * A Kinesis stream for each of `streams`, a DynamoDB table for each of `tables`, a function and a mapping for each of
 * their pipelines, and the bucket, the secret, the dashboard and the alarms that all share. What belongs to one is named
 * after it: the outputs `FlightsStreamName`, `OrdersTableName` and `FlightsFunctionName`.
 */
export class StreamProcessingStack extends Stack {
  /** By name. */
  readonly streams: ReadonlyMap<string, Stream>
  readonly momentoSecret: MomentoSecret
  readonly failedRecords: FailedRecordsBucket
  readonly #props: StreamProcessingProps
  readonly #removalPolicy: RemovalPolicy
  readonly #encryptionKey: DataKey | undefined
  readonly #network: PrivateNetwork | undefined

  constructor(scope: Construct, id: string, props: StreamProcessingProps) {
    super(scope, id, props)
    this.#props = props
    // What is kept goes all the same where the first deployment fails: nobody would know of it, and pay for its shards.
    this.#removalPolicy =
      props.keepsData === false ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
    if (props.hasOwnKey && Token.isUnresolved(this.region))
      throw new Error(
        `${id}: a table with a key of one's own needs a region: give the stage env: { region: ... }`,
      )
    this.#encryptionKey = props.hasOwnKey ? new DataKey(this, 'Key') : undefined
    const encrypted = this.#encryptionKey && { encryptionKey: this.#encryptionKey }
    this.#network =
      props.natGateways &&
      new PrivateNetwork(this, 'Network', {
        natGateways: props.natGateways,
        ...encrypted,
        ...(props.logRetention !== undefined && { logRetention: props.logRetention }),
      })
    this.failedRecords = new FailedRecordsBucket(this, 'FailedRecords', { ...encrypted })
    this.momentoSecret = new MomentoSecret(this, 'MomentoSecret', {
      ...encrypted,
      removalPolicy: this.#removalPolicy,
    })
    const ofStreams = props.streams.map(({ name, pipelines }) => {
      const stream = this.#addStream(name)
      const sourceOf = props.hasEnhancedFanOut
        ? (pipeline: ConsumedPipeline) => fanOutSource(stream, this.#addFanOut(stream, pipeline))
        : () => streamSource(stream)
      return { name, stream, consumers: this.#addConsumers(pipelines, sourceOf) }
    })
    this.streams = new Map(ofStreams.map(({ name, stream }) => [name, stream]))
    const ofTables = (props.tables ?? []).map((table) => {
      const source = tableSource(this.#addTable(table))
      return this.#addConsumers(table.pipelines, () => source)
    })
    const pipelines = [...ofStreams.map(({ consumers }) => consumers), ...ofTables].flat()
    addDashboard(this, pipelines, addAlarms(this, pipelines))
    new CfnOutput(this, 'FailedRecordsBucketName', { value: this.failedRecords.bucketName })
    new CfnOutput(this, 'MomentoSecretArn', { value: this.momentoSecret.secretArn })
    new CfnOutput(this, 'MomentoCacheName', { value: props.momentoCacheName })
  }

  #addStream(name: string): Stream {
    const id = `${pascalCase(name)}Stream`
    const stream = new Stream(this, id, {
      streamMode: StreamMode.PROVISIONED,
      shardCount: this.#props.shardCount,
      ...(this.#encryptionKey
        ? { encryption: StreamEncryption.KMS, encryptionKey: this.#encryptionKey }
        : { encryption: StreamEncryption.MANAGED }),
      removalPolicy: this.#removalPolicy,
    })
    if (this.#encryptionKey)
      Validations.of(stream).acknowledge({
        id: 'AwsSolutions-KDS3',
        reason:
          'A key of its own was asked for, whose policy says who reads; that of AWS has none to change.',
      })
    new CfnOutput(this, `${id}Name`, { value: stream.streamName })
    return stream
  }

  #addFanOut(stream: Stream, { name }: ConsumedPipeline): IStreamConsumer {
    return new FanOut(this, `${pascalCase(name)}FanOut`, { streamConsumerName: name, stream })
  }

  #addTable({ name, partitionKey }: ConsumedTable): TableV2 {
    const id = `${pascalCase(name)}Table`
    const keepsData = this.#props.keepsData ?? true
    const table = new TableV2(this, id, {
      partitionKey: { name: partitionKey, type: AttributeType.STRING },
      billing: Billing.onDemand(),
      dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: keepsData },
      deletionProtection: keepsData,
      ...(this.#encryptionKey && { encryption: TableEncryptionV2.customerManagedKey(this.#encryptionKey) }),
      // Deletion protection would refuse to undo a first deployment that fails; an empty table costs nothing.
      removalPolicy: keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    })
    new CfnOutput(this, `${id}Name`, { value: table.tableName })
    return table
  }

  #addConsumers(
    pipelines: readonly ConsumedPipeline[],
    sourceOf: (pipeline: ConsumedPipeline) => Source,
  ): MonitoredPipeline[] {
    return pipelines.map((pipeline) => {
      const id = pascalCase(pipeline.name)
      const source = sourceOf(pipeline)
      const { handler, mappingId, settings } = new StreamConsumer(this, id, {
        ...this.#props,
        pipeline,
        entry: join(import.meta.dirname, '..', 'consumers', pipeline.name, 'handler.ts'),
        source,
        momentoSecret: this.momentoSecret,
        failedRecords: this.failedRecords,
        ...(this.#encryptionKey && { encryptionKey: this.#encryptionKey }),
        ...(this.#network && { network: this.#network }),
      })
      new CfnOutput(this, `${id}FunctionName`, { value: handler.functionName })
      const { name, maximumRecordAgeMs } = pipeline
      return { name, maximumRecordAgeMs, handler, mappingId, source, tuning: this.#tuningOf(settings) }
    })
  }

  #tuningOf({ parallelizationFactor, batchSize, timeout, memoryMb }: DeployedSettings): MonitoredTuning {
    const { shardCount, reservedConcurrency } = this.#props
    const { expectedLagMs, catchUpAfterOutageMs } = this.#props.expected ?? usuallyExpected
    return {
      expectedLagMs,
      catchUpAfterOutageMs,
      shardCount,
      parallelizationFactor,
      batchSize,
      timeoutMs: timeout.toMilliseconds(),
      memoryMb,
      reservedConcurrency,
    }
  }
}

function pascalCase(kebabCase: string): string {
  return kebabCase.replaceAll(/(?:^|-)(.)/g, (_match, first: string) => first.toUpperCase())
}
