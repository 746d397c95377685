import { join } from 'node:path'
import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib'
import { Stream, StreamEncryption, StreamMode } from 'aws-cdk-lib/aws-kinesis'
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager'
import type { Construct } from 'constructs'
import { FailedRecordsBucket } from './constructs/failed-records-bucket.ts'
import { type ConsumedPipeline, KinesisConsumer } from './constructs/kinesis-consumer.ts'
import { addDashboard, type DashboardConsumer } from './dashboard.ts'

/** A stream to make, and the pipelines that read it. Names are kebab-case. */
export interface ConsumedStream {
  readonly name: string
  readonly pipelines: readonly ConsumedPipeline[]
}

export interface StreamProcessingProps extends StackProps {
  readonly streams: readonly ConsumedStream[]
  /** Shards of each stream; a pipeline's buckets should be as many. */
  readonly shardCount: number
  /** Concurrent batches a shard and pipeline, 1 to 10. */
  readonly parallelizationFactor: number
  readonly momentoCacheName: string
  /** Records a batch at most; default as the consumer's. */
  readonly batchSize?: number
}

/**
 * A Kinesis stream for each of `streams`, a function and a mapping for each of its pipelines, and the bucket, the secret
 * and the dashboard that all share. What belongs to one is named after it: the outputs `FlightsStreamName` and
 * `FlightsFunctionName`.
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
    const added = props.streams.map(({ name, pipelines }) => {
      const stream = this.#addStream(name, props)
      return { name, stream, consumers: pipelines.map((each) => this.#addConsumer(each, stream, props)) }
    })
    this.streams = new Map(added.map(({ name, stream }) => [name, stream]))
    addDashboard(
      this,
      added.flatMap(({ consumers }) => consumers),
    )
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

  #addConsumer(
    pipeline: ConsumedPipeline,
    stream: Stream,
    { parallelizationFactor, momentoCacheName, batchSize }: StreamProcessingProps,
  ): DashboardConsumer {
    const id = pascalCase(pipeline.name)
    const { handler, mappingId } = new KinesisConsumer(this, id, {
      pipeline,
      entry: join(import.meta.dirname, '..', 'consumers', pipeline.name, 'handler.ts'),
      stream,
      momentoSecret: this.momentoSecret as ISecret,
      momentoCacheName,
      failedRecords: this.failedRecords,
      parallelizationFactor,
      ...(batchSize !== undefined && { batchSize }),
    })
    new CfnOutput(this, `${id}FunctionName`, { value: handler.functionName })
    return { pipelineName: pipeline.name, stream, handler, mappingId }
  }
}

function pascalCase(kebabCase: string): string {
  return kebabCase.replaceAll(/(?:^|-)(.)/g, (_match, first: string) => first.toUpperCase())
}
