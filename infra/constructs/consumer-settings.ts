import { Duration } from 'aws-cdk-lib'
import type { RetentionDays } from 'aws-cdk-lib/aws-logs'

/** How a consumer is sized, and what is told of it. */
export interface ConsumerSettings {
  /** Concurrent batches a shard, 1 to 10; the order of each key's records is kept. */
  readonly parallelizationFactor: number
  /** Records a batch at most. Default 1,000. */
  readonly batchSize?: number
  /** How long records are gathered into a batch. Default 1 second: fewer, larger batches make fewer swaps. */
  readonly batchingWindow?: Duration
  /** Default 30 seconds, and no more than the pipeline allows. */
  readonly timeout?: Duration
  /** Default 512 MB. The processor's share grows with it. */
  readonly memoryMb?: number
  /** Invocations at once, kept for this function and bounding it; at least its lanes. Default as many as the account has. */
  readonly reservedConcurrency?: number
  /** Environments that are kept warm, behind an alias `live`. Default none, and no alias: lanes keep their own warm. */
  readonly provisionedConcurrency?: number
  /** Default one month. */
  readonly logRetention?: RetentionDays
  /** Sends traces of invocations to X-Ray. Default not. */
  readonly isTraced?: boolean
}

/** Those that every consumer has. */
export type DeployedSettings = Required<
  Pick<ConsumerSettings, 'parallelizationFactor' | 'batchSize' | 'batchingWindow' | 'timeout' | 'memoryMb'>
>

/** Those settings, with the default of each that is not given. */
export function withDefaults(props: ConsumerSettings): DeployedSettings {
  return {
    parallelizationFactor: props.parallelizationFactor,
    batchSize: props.batchSize ?? 1_000,
    batchingWindow: props.batchingWindow ?? Duration.seconds(1),
    timeout: props.timeout ?? Duration.seconds(30),
    memoryMb: props.memoryMb ?? 512,
  }
}
