import { z } from 'zod'
import { AwsServiceError } from '../aws-json-server.ts'
import { maximumRecordBytes } from './record-input.ts'
import { oneOf, parseInput, streamName, whole } from './request-input.ts'
import { type KinesisStreams, maximumShards } from './streams.ts'
import { assertTagForm, tagsInput } from './tags.ts'

/** What Kinesis gives a stream on demand at first. */
const onDemandShardCount = 4
const recordKibibytes = maximumRecordBytes / 1024

const inputSchema = z.object({
  StreamName: streamName,
  ShardCount: whole(1, maximumShards).optional(),
  StreamModeDetails: z.object({ StreamMode: oneOf(['PROVISIONED', 'ON_DEMAND']) }).optional(),
  Tags: tagsInput.optional(),
  // Taking them in silence would be worse than refusing them.
  MaxRecordSizeInKiB: z.literal(recordKibibytes, `Only ${recordKibibytes} is supported here`).optional(),
  RecordDistributionStrategy: z
    .literal('USER_PARTITION_KEY', 'Only USER_PARTITION_KEY is supported here')
    .optional(),
})

/**
 * Creates a stream, active at once.
 *
 * On demand it has 4 shards, and here it keeps them. Throws `InvalidArgumentException` for a provisioned stream without
 * a number of shards, or one on demand with it, and as {@link KinesisStreams.create} does.
 */
export function createStream(streams: KinesisStreams, input: unknown): object {
  const { StreamName, ShardCount, StreamModeDetails, Tags } = parseInput(inputSchema, input)
  const mode = StreamModeDetails?.StreamMode ?? 'PROVISIONED'
  if ((mode === 'ON_DEMAND') === (ShardCount !== undefined)) {
    throw new AwsServiceError(
      'InvalidArgumentException',
      `ShardCount must be given for PROVISIONED streams and for no others. The mode is ${mode}.`,
    )
  }
  assertTagForm(Object.entries(Tags ?? {}).flat())
  streams.create(StreamName, {
    shardCount: ShardCount ?? onDemandShardCount,
    mode,
    ...(Tags && { tags: Tags }),
  })
  return {}
}
