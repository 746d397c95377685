import { join } from 'node:path'
import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib'
import { AttributeType, Billing, StreamViewType, TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { Stream, StreamEncryption, StreamMode } from 'aws-cdk-lib/aws-kinesis'
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager'
import type { Construct } from 'constructs'
import { addAlarms } from './alarms/alarms.ts'
import { FailedRecordsBucket } from './constructs/failed-records-bucket.ts'
import { type ConsumedPipeline, StreamConsumer } from './constructs/stream-consumer.ts'
import { addDashboard } from './dashboard/dashboard.ts'
import type { MonitoredPipeline } from './monitored-pipeline.ts'
import { type Source, streamSource, tableSource } from './sources.ts'

/** A stream to make, and the pipelines that read it. Names are kebab-case. */
export interface ConsumedStream {
  readonly name: string
  readonly pipelines: readonly ConsumedPipeline[]
}

/** A table to make, whose items are named by one text, and the pipelines that read its changes. Names are kebab-case. */
export interface ConsumedTable extends ConsumedStream {
  readonly partitionKey: string
}

export interface StreamProcessingProps extends StackProps {
  readonly streams: readonly ConsumedStream[]
  /** Default none. */
  readonly tables?: readonly ConsumedTable[]
  /** Shards of each stream; a pipeline's buckets should be as many. */
  readonly shardCount: number
  /** Concurrent batches a shard and pipeline, 1 to 10. */
  readonly parallelizationFactor: number
  readonly momentoCacheName: string
  /** Records a batch at most; default as the consumer's. */
  readonly batchSize?: number
}

/** What the consumer is by default, and how it does then under a small load. */
const assumedTuning = {
  expectedLagMs: 5_000,
  catchUpAfterOutageMs: 600_000,
  batchSize: 1_000,
  timeoutMs: 30_000,
  memoryMb: 512,
}

/**
 * A Kinesis stream for each of `streams`, a DynamoDB table for each of `tables`, a function and a mapping for each of
 * their pipelines, and the bucket, the secret, the dashboard and the alarms that all share. What belongs to one is named
 * after it: the outputs `FlightsStreamName`, `OrdersTableName` and `FlightsFunctionName`.
 */
export class StreamProcessingStack extends Stack {
  /** By name. */
  readonly streams: ReadonlyMap<string, Stream>
  readonly momentoSecret: Secret
  readonly failedRecords: FailedRecordsBucket

  constructor(scope: Construct, id: string, props: StreamProcessingProps) {
    super(scope, id, props)
    this.failedRecords = new FailedRecordsBucket(this, 'FailedRecords')
    this.momentoSecret = new Secret(this, 'MomentoSecret', {
      description: 'Momento credentials: put {"apiKey": "...", "endpoint": "..."} here',
    })
    const ofStreams = props.streams.map(({ name, pipelines }) => {
      const stream = this.#addStream(name, props)
      return { name, stream, consumers: this.#addConsumers(pipelines, streamSource(stream), props) }
    })
    this.streams = new Map(ofStreams.map(({ name, stream }) => [name, stream]))
    const ofTables = (props.tables ?? []).map((table) =>
      this.#addConsumers(table.pipelines, tableSource(this.#addTable(table)), props),
    )
    const pipelines = [...ofStreams.map(({ consumers }) => consumers), ...ofTables].flat()
    addDashboard(this, pipelines, addAlarms(this, pipelines))
    new CfnOutput(this, 'FailedRecordsBucketName', { value: this.failedRecords.bucketName })
    new CfnOutput(this, 'MomentoSecretArn', { value: this.momentoSecret.secretArn })
    new CfnOutput(this, 'MomentoCacheName', { value: props.momentoCacheName })
  }

  #addStream(name: string, { shardCount }: StreamProcessingProps): Stream {
    const id = `${pascalCase(name)}Stream`
    const stream = new Stream(this, id, {
      streamMode: StreamMode.PROVISIONED,
      shardCount,
      encryption: StreamEncryption.MANAGED,
    })
    new CfnOutput(this, `${id}Name`, { value: stream.streamName })
    return stream
  }

  #addTable({ name, partitionKey }: ConsumedTable): TableV2 {
    const id = `${pascalCase(name)}Table`
    const table = new TableV2(this, id, {
      partitionKey: { name: partitionKey, type: AttributeType.STRING },
      billing: Billing.onDemand(),
      dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    })
    new CfnOutput(this, `${id}Name`, { value: table.tableName })
    return table
  }

  #addConsumers(
    pipelines: readonly ConsumedPipeline[],
    source: Source,
    { shardCount, parallelizationFactor, momentoCacheName, batchSize }: StreamProcessingProps,
  ): MonitoredPipeline[] {
    return pipelines.map((pipeline) => {
      const id = pascalCase(pipeline.name)
      const { handler, mappingId } = new StreamConsumer(this, id, {
        pipeline,
        entry: join(import.meta.dirname, '..', 'consumers', pipeline.name, 'handler.ts'),
        eventSource: source.eventSource,
        momentoSecret: this.momentoSecret as ISecret,
        momentoCacheName,
        failedRecords: this.failedRecords,
        parallelizationFactor,
        ...(batchSize !== undefined && { batchSize }),
      })
      new CfnOutput(this, `${id}FunctionName`, { value: handler.functionName })
      const { name, maximumRecordAgeMs } = pipeline
      const tuning = {
        ...assumedTuning,
        shardCount,
        parallelizationFactor,
        ...(batchSize !== undefined && { batchSize }),
      }
      return { name, maximumRecordAgeMs, handler, mappingId, source, tuning }
    })
  }
}

function pascalCase(kebabCase: string): string {
  return kebabCase.replaceAll(/(?:^|-)(.)/g, (_match, first: string) => first.toUpperCase())
}
