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
}

/** Streams, functions and mappings of every pipeline, with the bucket, the secret and the dashboard that they share. */
export class StreamProcessingStack extends Stack {
  constructor(scope: Construct, id: string, props: StreamProcessingProps) {
    super(scope, id, props)
    const { shardCount, parallelizationFactor, momentoCacheName } = props
    const failedRecords = new FailedRecordsBucket(this, 'FailedRecords')
    const momentoSecret = new Secret(this, 'MomentoSecret', {
      description: 'Momento credentials: put {"apiKey": "...", "endpoint": "..."} here',
    })

    const flightsStream = new Stream(this, 'FlightsStream', {
      streamMode: StreamMode.PROVISIONED,
      shardCount,
      encryption: StreamEncryption.MANAGED,
    })
    const flightsConsumer = new KinesisConsumer(this, 'Flights', {
      pipeline: flights,
      entry: join(import.meta.dirname, '..', 'consumers', 'flights', 'handler.ts'),
      stream: flightsStream,
      momentoSecret: momentoSecret as ISecret,
      momentoCacheName,
      failedRecords,
      parallelizationFactor,
    })

    addDashboard(this, [
      { pipelineName: flights.name, stream: flightsStream, handler: flightsConsumer.handler },
    ])
    new CfnOutput(this, 'FlightsStreamName', { value: flightsStream.streamName })
    new CfnOutput(this, 'FlightsFunctionName', { value: flightsConsumer.handler.functionName })
    new CfnOutput(this, 'FailedRecordsBucketName', { value: failedRecords.bucketName })
    new CfnOutput(this, 'MomentoSecretArn', { value: momentoSecret.secretArn })
    new CfnOutput(this, 'MomentoCacheName', { value: momentoCacheName })
  }
}
