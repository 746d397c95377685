import { z } from 'zod'
import { AwsServiceError } from '../aws-json-server.ts'
import { hashKeyDecimal, parseInput, referencedStream, shardId, streamReference } from './request-input.ts'
import { assertProvisioned, openShard } from './resharding.ts'
import type { KinesisStreams } from './streams.ts'

const inputSchema = z.object({
  ...streamReference,
  ShardToSplit: shardId,
  NewStartingHashKey: hashKeyDecimal,
})

/**
 * Splits an open shard within the call; the new hash key is the first one of the second child.
 *
 * Throws `InvalidArgumentException` for a closed shard and for a hash key that is not at least two above the start of the
 * shard's range and below its end, `LimitExceededException` and, for a stream on demand, `ValidationException`.
 */
export function splitShard(streams: KinesisStreams, input: unknown): object {
  const request = parseInput(inputSchema, input)
  const stream = referencedStream(streams, request)
  assertProvisioned(stream)
  const shard = openShard(stream, request.ShardToSplit)
  const { startingHashKey, endingHashKey } = shard.hashKeyRange
  const hashKey = BigInt(request.NewStartingHashKey)
  if (hashKey <= BigInt(startingHashKey) + 1n || hashKey >= BigInt(endingHashKey)) {
    throw new AwsServiceError(
      'InvalidArgumentException',
      `NewStartingHashKey ${hashKey} used in SplitShard() on shard ${shard.shardId} in stream ${stream.name} under ` +
        `account ${stream.accountId} is not both greater than one plus the shard's StartingHashKey ` +
        `${startingHashKey} and less than the shard's EndingHashKey ${endingHashKey}.`,
    )
  }
  streams.assertRoomFor(1)
  stream.split(shard, hashKey)
  return {}
}
