import { z } from 'zod'
import { parseInput, referencedStream, shardId, streamReference, whole } from './request-input.ts'
import { shardOutput } from './shard-output.ts'
import { streamDescription } from './stream-output.ts'
import type { KinesisStreams } from './streams.ts'

const maximumPage = 100

const inputSchema = z.object({
  ...streamReference,
  ExclusiveStartShardId: shardId.optional(),
  Limit: whole(1, 10_000).optional(),
})

/** What DescribeStream answers. */
export interface DescribeStreamOutput {
  readonly StreamDescription: object
}

/** Describes a stream with its shards by name, closed ones too, up to 100 a page; the next page starts after a name. */
export function describeStream(streams: KinesisStreams, input: unknown): DescribeStreamOutput {
  const request = parseInput(inputSchema, input)
  const stream = referencedStream(streams, request)
  const { ExclusiveStartShardId: after = '', Limit: limit = maximumPage } = request
  const rest = stream.shards.filter((shard) => shard.shardId > after)
  const page = rest.slice(0, Math.min(limit, maximumPage))
  return {
    StreamDescription: {
      ...streamDescription(stream),
      Shards: page.map(shardOutput),
      HasMoreShards: page.length < rest.length,
    },
  }
}
