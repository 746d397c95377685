import { join } from 'node:path'
import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib'
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import {
  Architecture,
  Function as LambdaFunction,
  type IEventSourceDlq,
  type IFunction,
  MetricType,
  Runtime,
  StartingPosition,
  Tracing,
} from 'aws-cdk-lib/aws-lambda'
import { SnsDlq, SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { ITopic } from 'aws-cdk-lib/aws-sns'
import type { IQueue } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import { environmentVariable, rejectedRecordsPrefix } from '../../consumers/settings.ts'
import { metricsNamespace } from '../pipeline-metrics.ts'
import type { Source } from '../sources.ts'
import { bundledCode } from './bundled-code.ts'
import { type ConsumerSettings, type DeployedSettings, withDefaults } from './consumer-settings.ts'
import type { FailedRecordsBucket } from './failed-records-bucket.ts'
import { checkMapping, type ConsumedPipeline } from './mapping-rules.ts'
import type { MomentoSecret } from './momento-secret.ts'
import { grantNetworkInterfaces, type PrivateNetwork } from './private-network.ts'

export interface StreamConsumerProps extends ConsumerSettings {
  readonly pipeline: ConsumedPipeline
  /** The TypeScript file whose `handler` is the function. */
  readonly entry: string
  readonly source: Source
  readonly momentoSecret: MomentoSecret
  /** Stages have caches of their own: in one they would count into the same cells. */
  readonly momentoCacheName: string
  readonly failedRecords: FailedRecordsBucket

  /** JSON patterns of which a record has to match one. Default none: `where` in the definition counts what it leaves out. */
  readonly filterPatterns?: readonly string[]
  /** Filters that the account may have on a mapping. Default 5, up to 10 when the quota was raised. */
  readonly filterQuota?: number
  /** For handlers that answer with `state`; a pipeline's does not, as it has windows of its own. Default none. */
  readonly tumblingWindow?: Duration
  /** Default that of the definition, and no other is taken. */
  readonly maximumRecordAge?: Duration
  /** Reads the stream again from this time on, however old the records, beside the live consumer. Default: live. */
  readonly replayFrom?: Date
  /** Where batches go that the mapping gives up. Default the failed-records bucket; queues and topics get no payload. */
  readonly discardedBatches?: IQueue | ITopic

  /** Encrypts the log. Default CloudWatch's own key. */
  readonly encryptionKey?: IKey
  /** Default none: the function has no network of anybody's, and calls only what has a name on the internet. */
  readonly network?: PrivateNetwork
}

const projectRoot = join(import.meta.dirname, '..', '..')

/**
 * A function that consumes a stream, or a table's stream, into Momento: its code, role, log group, event source mapping
 * and its prefix of the failed-records bucket.
 */
export class StreamConsumer extends Construct {
  readonly handler: LambdaFunction
  /** UUID of the event source mapping. */
  readonly mappingId: string
  /** As deployed, defaults included. */
  readonly settings: DeployedSettings

  /** @throws Error that says what to change, for settings that AWS refuses or that could not work. */
  constructor(scope: Construct, id: string, props: StreamConsumerProps) {
    super(scope, id)
    const { pipeline, failedRecords } = props
    this.settings = withDefaults(props)
    const { parallelizationFactor, batchSize, batchingWindow, timeout } = this.settings
    checkMapping({
      ...props,
      batchSize,
      timeoutMs: timeout.toMilliseconds(),
      batchingWindowMs: batchingWindow.toMilliseconds(),
      tumblingWindowMs: props.tumblingWindow?.toMilliseconds() ?? 0,
      filterPatterns: props.filterPatterns ?? [],
      recordAgeMs: recordAgeMs(props),
      isReplay: props.replayFrom !== undefined,
      isFifo: props.discardedBatches?.fifo === true,
    })
    this.handler = this.#addFunction(props)
    props.momentoSecret.grantValue(this.handler)
    failedRecords.grantPutBelow(this.handler, `${rejectedRecordsPrefix}${pipeline.name}/`)
    const ageMs = recordAgeMs(props)
    const source = props.source.eventSource({
      ...(props.replayFrom
        ? {
            startingPosition: StartingPosition.AT_TIMESTAMP,
            startingPositionTimestamp: props.replayFrom.getTime() / 1_000,
          }
        : { startingPosition: StartingPosition.TRIM_HORIZON }),
      batchSize,
      maxBatchingWindow: batchingWindow,
      parallelizationFactor,
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      ...(ageMs !== -1 && { maxRecordAge: Duration.millis(ageMs) }),
      ...(props.tumblingWindow && { tumblingWindow: props.tumblingWindow }),
      ...(props.filterPatterns && { filters: props.filterPatterns.map((pattern) => ({ pattern })) }),
      onFailure: destinationOf(props),
      // Without them, what the mapping gives up shows in no metric.
      metricsConfig: { metrics: [MetricType.EVENT_COUNT] },
    })
    source.bind(this.#target(props))
    this.mappingId = source.eventSourceMappingId
  }

  #addFunction(props: StreamConsumerProps): LambdaFunction {
    const { pipeline, network, encryptionKey } = props
    const logGroup = new LogGroup(this, 'Logs', {
      retention: props.logRetention ?? RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
      ...(encryptionKey && { encryptionKey }),
    })
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') })
    logGroup.grantWrite(role)
    if (network) grantNetworkInterfaces(role)
    if (props.isTraced)
      Validations.of(role).acknowledge({
        id: 'AwsSolutions-IAM5[Resource::*]',
        reason: 'X-Ray takes traces for the account: its actions know no resources.',
      })
    return new LambdaFunction(this, 'Function', {
      description: `Aggregates ${pipeline.name} into Momento`,
      code: bundledCode(props.entry, projectRoot),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: this.settings.memoryMb,
      timeout: this.settings.timeout,
      role,
      logGroup,
      ...(props.reservedConcurrency !== undefined && {
        reservedConcurrentExecutions: props.reservedConcurrency,
      }),
      ...(props.isTraced && { tracing: Tracing.ACTIVE }),
      ...(network && { vpc: network.vpc, securityGroups: [network.securityGroup] }),
      environment: {
        [environmentVariable.momentoSecretArn]: props.momentoSecret.secretArn,
        [environmentVariable.momentoCacheName]: props.momentoCacheName,
        [environmentVariable.failedRecordsBucket]: props.failedRecords.bucketName,
        [environmentVariable.metricsNamespace]: metricsNamespace(this),
      },
    })
  }

  /** What the mapping invokes: the function as it is, or what the alias points to. */
  #target({ provisionedConcurrency }: StreamConsumerProps): IFunction {
    if (provisionedConcurrency === undefined) return this.handler
    const alias = this.handler.addAlias('live', { provisionedConcurrentExecutions: provisionedConcurrency })
    return alias as IFunction
  }
}

/** -1 is without end. */
function recordAgeMs({ pipeline, maximumRecordAge, replayFrom }: StreamConsumerProps): number {
  if (maximumRecordAge) return maximumRecordAge.toMilliseconds()
  return replayFrom ? -1 : pipeline.maximumRecordAgeMs
}

function destinationOf({ discardedBatches, failedRecords }: StreamConsumerProps): IEventSourceDlq {
  if (discardedBatches === undefined) return failedRecords.onFailure()
  return 'queueArn' in discardedBatches ? new SqsDlq(discardedBatches) : new SnsDlq(discardedBatches)
}
