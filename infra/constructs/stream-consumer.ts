import { join } from 'node:path'
import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import { Grant, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import {
  Architecture,
  type IEventSource,
  MetricType,
  Runtime,
  StartingPosition,
} from 'aws-cdk-lib/aws-lambda'
import type { StreamEventSourceProps } from 'aws-cdk-lib/aws-lambda-event-sources'
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager'
import { Construct } from 'constructs'
import { environmentVariable, rejectedRecordsPrefix } from '../../consumers/settings.ts'
import { bundledCode } from './bundled-code.ts'
import type { FailedRecordsBucket } from './failed-records-bucket.ts'

/** What the consumer takes from a pipeline's definition; durations are milliseconds. */
export interface ConsumedPipeline {
  readonly name: string
  readonly maximumRecordAgeMs: number
  /** Its function may run for no longer: later writes could meet a cell that expires, or a window that is final. */
  readonly longestInvocationMs: number
}

/** A stream or a table's stream as a function's source. Binding makes the mapping and lets the function read it. */
export interface MappedEventSource extends IEventSource {
  /** UUID of the event source mapping, once bound. */
  readonly eventSourceMappingId: string
}

/** All times in seconds unless they are a `Duration`. */
export interface StreamConsumerProps {
  readonly pipeline: ConsumedPipeline
  /** The TypeScript file whose `handler` is the function. */
  readonly entry: string
  /** Makes the source with the mapping's settings. */
  readonly eventSource: (settings: StreamEventSourceProps) => MappedEventSource
  readonly momentoSecret: ISecret
  readonly momentoCacheName: string
  readonly failedRecords: FailedRecordsBucket
  /** Concurrent batches a shard, 1 to 10. */
  readonly parallelizationFactor: number
  /** Records a batch at most. Default 1,000. */
  readonly batchSize?: number
  /** How long records are gathered into a batch. Default 1 second: fewer, larger batches make fewer swaps. */
  readonly batchingWindow?: Duration
  /** Default 30 seconds, and no more than the pipeline allows. */
  readonly timeout?: Duration
  /** Default 512 MB. */
  readonly memoryMb?: number
}

const projectRoot = join(import.meta.dirname, '..', '..')

/** A function that consumes a stream into Momento: its code, role, log group and event source mapping. */
export class StreamConsumer extends Construct {
  readonly handler: NodejsFunction
  /** UUID of the event source mapping. */
  readonly mappingId: string

  constructor(scope: Construct, id: string, props: StreamConsumerProps) {
    super(scope, id)
    const { pipeline, failedRecords, momentoSecret } = props
    const timeout = props.timeout ?? Duration.seconds(30)
    if (timeout.toMilliseconds() > pipeline.longestInvocationMs) {
      throw new Error(
        `pipeline ${pipeline.name}: the time-out must be at most ${pipeline.longestInvocationMs / 1_000} s`,
      )
    }

    const logGroup = new LogGroup(this, 'Logs', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    })
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') })
    logGroup.grantWrite(role)
    this.handler = new NodejsFunction(this, 'Function', {
      description: `Aggregates ${pipeline.name} into Momento`,
      code: bundledCode(props.entry, projectRoot),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: props.memoryMb ?? 512,
      timeout,
      role,
      logGroup,
      environment: {
        [environmentVariable.momentoSecretArn]: momentoSecret.secretArn,
        [environmentVariable.momentoCacheName]: props.momentoCacheName,
        [environmentVariable.failedRecordsBucket]: failedRecords.bucketName,
      },
    })
    Grant.addToPrincipal({
      grantee: this.handler,
      actions: ['secretsmanager:GetSecretValue'],
      resourceArns: [momentoSecret.secretArn],
    })
    failedRecords.grantPutBelow(this.handler, `${rejectedRecordsPrefix}${pipeline.name}/`)
    const source = props.eventSource({
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: props.batchSize ?? 1_000,
      maxBatchingWindow: props.batchingWindow ?? Duration.seconds(1),
      parallelizationFactor: props.parallelizationFactor,
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      maxRecordAge: Duration.millis(pipeline.maximumRecordAgeMs),
      onFailure: failedRecords.onFailure(),
      // Without them, what the mapping gives up shows in no metric.
      metricsConfig: { metrics: [MetricType.EVENT_COUNT] },
    })
    this.handler.addEventSource(source)
    this.mappingId = source.eventSourceMappingId
  }
}
