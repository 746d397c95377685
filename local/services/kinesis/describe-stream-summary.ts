import { z } from 'zod'
import { maximumRecordBytes } from './record-input.ts'
import { parseInput, referencedStream, streamReference } from './request-input.ts'
import type { KinesisStreams } from './streams.ts'

/** Kinesis' default; nothing is trimmed after it here. */
const retentionHours = 24
const inputSchema = z.object(streamReference)

/** What DescribeStreamSummary answers. */
export interface DescribeStreamSummaryOutput {
  readonly StreamDescriptionSummary: object
}

/** Describes a stream, which is active from its creation on. */
export function describeStreamSummary(streams: KinesisStreams, input: unknown): DescribeStreamSummaryOutput {
  const stream = referencedStream(streams, parseInput(inputSchema, input))
  return {
    StreamDescriptionSummary: {
      StreamName: stream.name,
      StreamARN: stream.arn,
      StreamStatus: 'ACTIVE',
      StreamModeDetails: { StreamMode: 'PROVISIONED' },
      RetentionPeriodHours: retentionHours,
      StreamCreationTimestamp: stream.createdMs / 1000,
      EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
      EncryptionType: 'NONE',
      OpenShardCount: stream.shards.length,
      ConsumerCount: 0,
      MaxRecordSizeInKiB: maximumRecordBytes / 1024,
    },
  }
}
