import { z } from 'zod'
import { AwsServiceError } from '../aws-json-server.ts'
import { openToken, sealToken, tokenLifetimeMs } from './position-token.ts'
import { parseInput, referencedStream, streamReference } from './request-input.ts'
import type { Stream } from './stream.ts'
import type { KinesisStreams } from './streams.ts'

const maximumPage = 1000
const maximumResults = 10_000

const inputSchema = z.object({
  ...streamReference,
  NextToken: z.string().optional(),
  ExclusiveStartShardId: z.string().optional(),
  MaxResults: z.number().int().min(1).max(maximumResults).optional(),
  ShardFilter: z
    .object({
      Type: z.enum([
        'AFTER_SHARD_ID',
        'AT_TRIM_HORIZON',
        'FROM_TRIM_HORIZON',
        'AT_LATEST',
        'AT_TIMESTAMP',
        'FROM_TIMESTAMP',
      ]),
      ShardId: z.string().optional(),
    })
    .optional(),
})

/** What ListShards answers; pages follow each other through `NextToken`. */
export interface ListShardsOutput {
  readonly Shards: readonly object[]
  readonly NextToken?: string
}

/**
 * Lists a stream's shards by name, up to 1,000 a page.
 *
 * Shards live as long as their stream, so of the filters only `AFTER_SHARD_ID` leaves any out.
 */
export function listShards(streams: KinesisStreams, input: unknown): ListShardsOutput {
  const request = parseInput(inputSchema, input)
  const { stream, after } =
    request.NextToken === undefined
      ? { stream: referencedStream(streams, request), after: startAfter(request) }
      : continued(streams, request.NextToken, request)
  const rest = stream.shards.filter((shard) => after === undefined || shard.shardId > after)
  const page = rest.slice(0, Math.min(request.MaxResults ?? maximumPage, maximumPage))
  const last = page.at(-1)
  const shards = page.map((shard) => ({
    ShardId: shard.shardId,
    HashKeyRange: {
      StartingHashKey: shard.hashKeyRange.startingHashKey,
      EndingHashKey: shard.hashKeyRange.endingHashKey,
    },
    SequenceNumberRange: { StartingSequenceNumber: shard.startingSequenceNumber },
  }))
  if (last === undefined || page.length === rest.length) return { Shards: shards }
  const token = { streamArn: stream.arn, shardId: last.shardId, position: 0, createdMs: streams.nowMs() }
  return { Shards: shards, NextToken: sealToken(token) }
}

function startAfter(request: z.infer<typeof inputSchema>): string | undefined {
  const { ShardFilter: filter } = request
  if (filter?.Type !== 'AFTER_SHARD_ID') return request.ExclusiveStartShardId
  if (filter.ShardId !== undefined) return filter.ShardId
  throw new AwsServiceError('InvalidArgumentException', 'The filter AFTER_SHARD_ID needs a ShardId.')
}

function continued(
  streams: KinesisStreams,
  nextToken: string,
  request: z.infer<typeof inputSchema>,
): { stream: Stream; after: string } {
  if (request.StreamName !== undefined || request.ExclusiveStartShardId !== undefined) {
    throw new AwsServiceError(
      'InvalidArgumentException',
      'NextToken cannot be given together with StreamName or ExclusiveStartShardId.',
    )
  }
  const token = openToken(nextToken)
  if (token === undefined) throw new AwsServiceError('InvalidArgumentException', 'Invalid NextToken.')
  if (streams.nowMs() - token.createdMs > tokenLifetimeMs) {
    throw new AwsServiceError(
      'ExpiredNextTokenException',
      `The NextToken is older than ${tokenLifetimeMs} ms.`,
    )
  }
  return { stream: streams.get(token.streamArn), after: token.shardId }
}
