import { z } from 'zod'
import { maximumRecordBytes } from './record-input.ts'
import { parseInput, referencedStream, streamReference } from './request-input.ts'
import { streamDescription } from './stream-output.ts'
import type { KinesisStreams } from './streams.ts'

const inputSchema = z.object(streamReference)

/** What DescribeStreamSummary answers. */
export interface DescribeStreamSummaryOutput {
  readonly StreamDescriptionSummary: object
}

/** Describes a stream without its shards; of those that have closed, none is counted. */
export function describeStreamSummary(streams: KinesisStreams, input: unknown): DescribeStreamSummaryOutput {
  const stream = referencedStream(streams, parseInput(inputSchema, input))
  return {
    StreamDescriptionSummary: {
      ...streamDescription(stream),
      OpenShardCount: stream.openShards.length,
      ConsumerCount: 0,
      MaxRecordSizeInKiB: maximumRecordBytes / 1024,
    },
  }
}
