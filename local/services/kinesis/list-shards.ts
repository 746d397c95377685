import { z } from 'zod'
import { AwsServiceError } from '../aws-json-server.ts'
import { parseInput, referencedStream, shardId, streamReference, whole } from './request-input.ts'
import { assertFilterMembers, filterShards, shardFilter } from './shard-filter.ts'
import { type ShardOutput, shardOutput } from './shard-output.ts'
import type { KinesisStreams } from './streams.ts'
import { openPageToken, sealToken } from './token.ts'

const maximumPage = 1000
const maximumResults = 10_000

const inputSchema = z.object({
  ...streamReference,
  NextToken: z.string().optional(),
  ExclusiveStartShardId: shardId.optional(),
  MaxResults: whole(1, maximumResults).optional(),
  ShardFilter: shardFilter.optional(),
  /** Epoch seconds, as the protocol writes times. */
  StreamCreationTimestamp: z.number().optional(),
})

type ListShardsInput = z.infer<typeof inputSchema>

const pageSchema = z.object({
  streamArn: z.string(),
  after: z.string(),
  filter: shardFilter,
  createdMs: z.number(),
})

/** What ListShards answers; pages follow each other through `NextToken`. */
export interface ListShardsOutput {
  readonly Shards: readonly ShardOutput[]
  readonly NextToken?: string
}

/**
 * Lists a stream's shards by name, up to 1,000 a page, those that have expired left out.
 *
 * Throws `InvalidArgumentException` for a filter without what its type needs, and for a page token beside anything but
 * `MaxResults`, and `ExpiredNextTokenException` for one older than 5 minutes.
 */
export function listShards(streams: KinesisStreams, input: unknown): ListShardsOutput {
  const request = parseInput(inputSchema, input)
  const page =
    request.NextToken === undefined
      ? firstPage(streams, request)
      : nextPage(streams, request.NextToken, request)
  const { after, filter, streamArn } = page
  const passing = filterShards(streams.get(streamArn).shards, filter)
  const rest = passing.filter((shard) => shard.shardId > after)
  const shards = rest.slice(0, Math.min(request.MaxResults ?? maximumPage, maximumPage))
  const last = shards.at(-1)
  return {
    Shards: shards.map(shardOutput),
    ...(last !== undefined &&
      shards.length < rest.length && {
        NextToken: sealToken({ ...page, after: last.shardId, createdMs: streams.nowMs() }),
      }),
  }
}

function firstPage(streams: KinesisStreams, request: ListShardsInput): z.infer<typeof pageSchema> {
  const stream = referencedStream(streams, request)
  const { StreamCreationTimestamp: createdSeconds, ExclusiveStartShardId: after = '' } = request
  if (createdSeconds !== undefined && Math.round(createdSeconds * 1000) !== stream.createdMs) {
    throw new AwsServiceError(
      'ResourceNotFoundException',
      `Stream ${stream.name} under account ${stream.accountId} was not created at ${createdSeconds}.`,
    )
  }
  const { ShardFilter: filter = { Type: 'FROM_TRIM_HORIZON' } } = request
  assertFilterMembers(filter)
  return { streamArn: stream.arn, after, filter, createdMs: streams.nowMs() }
}

function nextPage(
  streams: KinesisStreams,
  nextToken: string,
  request: ListShardsInput,
): z.infer<typeof pageSchema> {
  const { StreamName, StreamARN, ExclusiveStartShardId, ShardFilter, StreamCreationTimestamp } = request
  const others = [StreamName, StreamARN, ExclusiveStartShardId, ShardFilter, StreamCreationTimestamp]
  if (others.some((member) => member !== undefined)) {
    throw new AwsServiceError(
      'InvalidArgumentException',
      'NextToken and StreamName, or what else decides which shards are listed, cannot be provided together.',
    )
  }
  return openPageToken(pageSchema, nextToken, streams.nowMs())
}
