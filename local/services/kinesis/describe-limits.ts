import { type KinesisStreams, maximumShards } from './streams.ts'

/** How many streams on demand an account may have; not enforced here. */
const onDemandStreamLimit = 50

/** What DescribeLimits answers. */
export interface DescribeLimitsOutput {
  readonly ShardLimit: number
  readonly OpenShardCount: number
  readonly OnDemandStreamCount: number
  readonly OnDemandStreamCountLimit: number
}

/** How many shards there are, and may be. */
export function describeLimits(streams: KinesisStreams): DescribeLimitsOutput {
  return {
    ShardLimit: maximumShards,
    OpenShardCount: streams.openShardCount(),
    OnDemandStreamCount: streams.all().filter(({ mode }) => mode === 'ON_DEMAND').length,
    OnDemandStreamCountLimit: onDemandStreamLimit,
  }
}
