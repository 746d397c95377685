import { join } from 'node:path'
import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib'
import { Stream, StreamEncryption, StreamMode } from 'aws-cdk-lib/aws-kinesis'
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager'
import type { Construct } from 'constructs'
import { streamPipelines } from '../consumers/pipelines.ts'
import { FailedRecordsBucket } from './constructs/failed-records-bucket.ts'
import { type ConsumedPipeline, KinesisConsumer } from './constructs/kinesis-consumer.ts'
import { addDashboard, type DashboardConsumer } from './dashboard.ts'

export interface StreamProcessingProps extends StackProps {
  /** Shards of each stream; a pipeline's buckets should be as many. */
  readonly shardCount: number
  /** Concurrent batches a shard, 1 to 10. */
  readonly parallelizationFactor: number
  readonly momentoCacheName: string
  /** Records a batch at most; default as the consumer's. */
  readonly batchSize?: number
}

/**
 * A stream, a function and a mapping for each of `streamPipelines`, and the bucket, the secret and the dashboard that
 * all share. What belongs to a pipeline is named after it: `FlightsStream`, the outputs `FlightsStreamName` and
 * `FlightsFunctionName`.
 */
export class StreamProcessingStack extends Stack {
  /** By pipeline. */
  readonly streams: ReadonlyMap<string, Stream>
  readonly momentoSecret: Secret
  readonly failedRecords: FailedRecordsBucket

  constructor(scope: Construct, id: string, props: StreamProcessingProps) {
    super(scope, id, props)
    this.failedRecords = new FailedRecordsBucket(this, 'FailedRecords')
    this.momentoSecret = new Secret(this, 'MomentoSecret', {
      description: 'Momento credentials: put {"apiKey": "...", "endpoint": "..."} here',
    })
    const consumers = streamPipelines.map((pipeline) => this.#addConsumer(pipeline, props))
    this.streams = new Map(consumers.map(({ pipelineName, stream }) => [pipelineName, stream]))
    addDashboard(this, consumers)
    new CfnOutput(this, 'FailedRecordsBucketName', { value: this.failedRecords.bucketName })
    new CfnOutput(this, 'MomentoSecretArn', { value: this.momentoSecret.secretArn })
    new CfnOutput(this, 'MomentoCacheName', { value: props.momentoCacheName })
  }

  #addConsumer(
    pipeline: ConsumedPipeline,
    { shardCount, parallelizationFactor, momentoCacheName, batchSize }: StreamProcessingProps,
  ): DashboardConsumer & { readonly stream: Stream } {
    const id = pascalCase(pipeline.name)
    const stream = new Stream(this, `${id}Stream`, {
      streamMode: StreamMode.PROVISIONED,
      shardCount,
      encryption: StreamEncryption.MANAGED,
    })
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
    new CfnOutput(this, `${id}StreamName`, { value: stream.streamName })
    new CfnOutput(this, `${id}FunctionName`, { value: handler.functionName })
    return { pipelineName: pipeline.name, stream, handler, mappingId }
  }
}

function pascalCase(kebabCase: string): string {
  return kebabCase.replaceAll(/(?:^|-)(.)/g, (_match, first: string) => first.toUpperCase())
}
