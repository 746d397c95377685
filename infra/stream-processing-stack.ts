import { join } from 'node:path'
import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib'
import { Stream, StreamEncryption, StreamMode } from 'aws-cdk-lib/aws-kinesis'
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager'
import type { Construct } from 'constructs'
import { flights } from '../consumers/flights/pipeline.ts'
import { FailedRecordsBucket } from './constructs/failed-records-bucket.ts'
import { KinesisConsumer } from './constructs/kinesis-consumer.ts'
import { addDashboard } from './dashboard.ts'

export interface StreamProcessingProps extends StackProps {
  /** Shards of the flights stream; the pipeline's buckets should be as many. */
  readonly shardCount: number
  /** Concurrent batches a shard, 1 to 10. */
  readonly parallelizationFactor: number
  readonly momentoCacheName: string
  /** Records a batch at most; default as the consumer's. */
  readonly batchSize?: number
}

/** Streams, functions and mappings of every pipeline, with the bucket, the secret and the dashboard that they share. */
export class StreamProcessingStack extends Stack {
  readonly flightsStream: Stream
  readonly momentoSecret: Secret
  readonly failedRecords: FailedRecordsBucket

  constructor(scope: Construct, id: string, props: StreamProcessingProps) {
    super(scope, id, props)
    const { shardCount, parallelizationFactor, momentoCacheName, batchSize } = props
    this.failedRecords = new FailedRecordsBucket(this, 'FailedRecords')
    this.momentoSecret = new Secret(this, 'MomentoSecret', {
      description: 'Momento credentials: put {"apiKey": "...", "endpoint": "..."} here',
    })

    this.flightsStream = new Stream(this, 'FlightsStream', {
      streamMode: StreamMode.PROVISIONED,
      shardCount,
      encryption: StreamEncryption.MANAGED,
    })
    const flightsConsumer = new KinesisConsumer(this, 'Flights', {
      pipeline: flights,
      entry: join(import.meta.dirname, '..', 'consumers', 'flights', 'handler.ts'),
      stream: this.flightsStream,
      momentoSecret: this.momentoSecret as ISecret,
      momentoCacheName,
      failedRecords: this.failedRecords,
      parallelizationFactor,
      ...(batchSize !== undefined && { batchSize }),
    })

    const { handler, mappingId } = flightsConsumer
    addDashboard(this, [{ pipelineName: flights.name, stream: this.flightsStream, handler, mappingId }])
    new CfnOutput(this, 'FlightsStreamName', { value: this.flightsStream.streamName })
    new CfnOutput(this, 'FlightsFunctionName', { value: flightsConsumer.handler.functionName })
    new CfnOutput(this, 'FailedRecordsBucketName', { value: this.failedRecords.bucketName })
    new CfnOutput(this, 'MomentoSecretArn', { value: this.momentoSecret.secretArn })
    new CfnOutput(this, 'MomentoCacheName', { value: momentoCacheName })
  }
}
