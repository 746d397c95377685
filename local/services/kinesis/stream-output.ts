import type { Stream } from './stream.ts'

/** The members of a stream that ListStreams shows, and all descriptions begin with. */
export function streamSummary({ name, arn, mode, createdMs }: Stream) {
  return {
    StreamName: name,
    StreamARN: arn,
    StreamStatus: 'ACTIVE',
    StreamModeDetails: { StreamMode: mode },
    StreamCreationTimestamp: createdMs / 1000,
  }
}

/** The members that DescribeStream and DescribeStreamSummary show alike. */
export function streamDescription(stream: Stream) {
  return {
    ...streamSummary(stream),
    RetentionPeriodHours: stream.retentionHours,
    EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
    EncryptionType: 'NONE',
  }
}
