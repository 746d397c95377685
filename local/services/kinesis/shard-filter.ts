import { z } from 'zod'
import { AwsServiceError } from '../aws-json-server.ts'
import { oneOf, shardId } from './request-input.ts'
import type { Shard } from './shard.ts'

/** The member ShardFilter of ListShards. */
export const shardFilter = z.object({
  Type: oneOf([
    'AFTER_SHARD_ID',
    'AT_TRIM_HORIZON',
    'FROM_TRIM_HORIZON',
    'AT_LATEST',
    'AT_TIMESTAMP',
    'FROM_TIMESTAMP',
  ]),
  ShardId: shardId.optional(),
  /** Epoch seconds, as the protocol writes times. */
  Timestamp: z.number().optional(),
})

type ShardFilter = z.infer<typeof shardFilter>

/**
 * Throws `InvalidArgumentException` if the filter has not the member that its type needs, or has one that is another
 * type's.
 */
export function assertFilterMembers({ Type, ShardId, Timestamp }: ShardFilter): void {
  const takesTime = Type === 'AT_TIMESTAMP' || Type === 'FROM_TIMESTAMP'
  const takesShard = Type === 'AFTER_SHARD_ID'
  if (takesTime === (Timestamp !== undefined) && takesShard === (ShardId !== undefined)) return
  throw new AwsServiceError(
    'InvalidArgumentException',
    'A ShardFilter has a ShardId for AFTER_SHARD_ID and a Timestamp for AT_TIMESTAMP and FROM_TIMESTAMP, not else. ' +
      `Its type is ${Type}.`,
  )
}

/**
 * Those of a stream's shards that a filter lets through.
 *
 * A shard counts as open from the millisecond in which it was created to that in which it was closed, both included.
 * At the trim horizon those were open whose parents have expired; before it nothing is known, so that earlier times are
 * taken for the horizon.
 * The types: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ShardFilter.html
 */
export function filterShards(shards: readonly Shard[], filter: ShardFilter): readonly Shard[] {
  const { Type: type, ShardId: after = '', Timestamp: timestampSeconds = 0 } = filter
  const timestampMs = Math.round(timestampSeconds * 1000)
  const ids = new Set(shards.map(({ shardId: id }) => id))
  const isOldest = (shard: Shard): boolean => !shard.parentIds.some((id) => ids.has(id))
  const isOpenFrom = ({ end }: Shard): boolean => end === undefined || end.closedMs >= timestampMs
  const passes = {
    AFTER_SHARD_ID: (shard: Shard) => shard.shardId > after,
    AT_TRIM_HORIZON: isOldest,
    FROM_TRIM_HORIZON: () => true,
    AT_LATEST: ({ end }: Shard) => end === undefined,
    AT_TIMESTAMP: (shard: Shard) => isOpenFrom(shard) && (shard.createdMs <= timestampMs || isOldest(shard)),
    FROM_TIMESTAMP: isOpenFrom,
  }
  return shards.filter(passes[type])
}
