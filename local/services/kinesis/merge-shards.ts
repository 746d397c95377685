import { z } from 'zod'
import { AwsServiceError } from '../aws-json-server.ts'
import { parseInput, referencedStream, shardId, streamReference } from './request-input.ts'
import { assertProvisioned, openShard } from './resharding.ts'
import { follows } from './shard-set.ts'
import type { KinesisStreams } from './streams.ts'

const inputSchema = z.object({
  ...streamReference,
  ShardToMerge: shardId,
  AdjacentShardToMerge: shardId,
})

/**
 * Merges two open shards within the call; the first one named becomes the parent of the new one, the second one the
 * adjacent parent.
 *
 * Throws `InvalidArgumentException` for a closed shard and for shards that are no neighbours, and `ValidationException`
 * for a stream on demand.
 */
export function mergeShards(streams: KinesisStreams, input: unknown): object {
  const request = parseInput(inputSchema, input)
  const stream = referencedStream(streams, request)
  assertProvisioned(stream)
  const shard = openShard(stream, request.ShardToMerge)
  const adjacent = openShard(stream, request.AdjacentShardToMerge)
  if (!follows(shard, adjacent) && !follows(adjacent, shard)) {
    throw new AwsServiceError(
      'InvalidArgumentException',
      `Shards ${shard.shardId} and ${adjacent.shardId} in stream ${stream.name} under account ` +
        `${stream.accountId} are not an adjacent pair of shards eligible for merging`,
    )
  }
  stream.merge(shard, adjacent)
  return {}
}
