import type { HashKeyRange } from './hash-key.ts'
import type { Shard } from './shard.ts'

/** A range of hash keys as the API shows it. */
export interface HashKeyRangeOutput {
  readonly StartingHashKey: string
  readonly EndingHashKey: string
}

/** A shard as DescribeStream and ListShards show it. */
export interface ShardOutput {
  readonly ShardId: string
  readonly ParentShardId?: string
  readonly AdjacentParentShardId?: string
  readonly HashKeyRange: HashKeyRangeOutput
  readonly SequenceNumberRange: {
    readonly StartingSequenceNumber: string
    /** Only closed shards have one. */
    readonly EndingSequenceNumber?: string
  }
}

/** A shard that took over from a closed one, as GetRecords shows it. */
export interface ChildShardOutput {
  readonly ShardId: string
  readonly ParentShards: readonly string[]
  readonly HashKeyRange: HashKeyRangeOutput
}

/** A shard in the API's form; members that it has not are left out. */
export function shardOutput(shard: Shard): ShardOutput {
  const [parent, adjacentParent] = shard.parentIds
  return {
    ShardId: shard.shardId,
    ...(parent !== undefined && { ParentShardId: parent }),
    ...(adjacentParent !== undefined && { AdjacentParentShardId: adjacentParent }),
    HashKeyRange: rangeOutput(shard.hashKeyRange),
    SequenceNumberRange: {
      StartingSequenceNumber: shard.startingSequenceNumber,
      ...(shard.end && { EndingSequenceNumber: shard.end.sequenceNumber }),
    },
  }
}

/** A shard in the API's form, as the child of another. */
export function childShardOutput({ shardId, parentIds, hashKeyRange }: Shard): ChildShardOutput {
  return { ShardId: shardId, ParentShards: parentIds, HashKeyRange: rangeOutput(hashKeyRange) }
}

function rangeOutput({ startingHashKey, endingHashKey }: HashKeyRange): HashKeyRangeOutput {
  return { StartingHashKey: startingHashKey, EndingHashKey: endingHashKey }
}
