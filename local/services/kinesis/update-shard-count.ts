import { z } from 'zod'
import { AwsServiceError } from '../aws-json-server.ts'
import { oneOf, parseInput, referencedStream, streamReference, whole } from './request-input.ts'
import { assertProvisioned } from './resharding.ts'
import { type KinesisStreams, maximumShards } from './streams.ts'

const inputSchema = z.object({
  ...streamReference,
  ScalingType: oneOf(['UNIFORM_SCALING']),
  TargetShardCount: whole(1, maximumShards),
})

/** What UpdateShardCount answers. */
export interface UpdateShardCountOutput {
  readonly StreamName: string
  readonly StreamARN: string
  readonly CurrentShardCount: number
  readonly TargetShardCount: number
}

/**
 * Splits and merges within the call until there are so many open shards of equal size.
 *
 * Throws `LimitExceededException` for more than double or less than half of the open shards, and `ValidationException`
 * for a stream on demand. That Kinesis does it ten times a day at most is not modelled.
 */
export function updateShardCount(streams: KinesisStreams, input: unknown): UpdateShardCountOutput {
  const request = parseInput(inputSchema, input)
  const stream = referencedStream(streams, request)
  assertProvisioned(stream)
  const { TargetShardCount: target } = request
  const current = stream.openShards.length
  const counts = `Current open shard count: ${current}, Target shard count: ${target}`
  if (target > current * 2) {
    throw new AwsServiceError(
      'LimitExceededException',
      `UpdateShardCount cannot scale up over double your current open shard count. ${counts}`,
    )
  }
  if (target < current / 2) {
    throw new AwsServiceError(
      'LimitExceededException',
      `UpdateShardCount cannot scale down below half your current open shard count. ${counts}`,
    )
  }
  streams.assertRoomFor(Math.max(0, target - current))
  stream.scale(target)
  return {
    StreamName: stream.name,
    StreamARN: stream.arn,
    CurrentShardCount: current,
    TargetShardCount: target,
  }
}
