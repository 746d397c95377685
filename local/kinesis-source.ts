import type { StreamSource } from './event-source-mapping/stream-source.ts'
import type { Stream } from './services/kinesis/stream.ts'

/** A stream of the local Kinesis as what a mapping reads from. */
export function kinesisSource(stream: Stream, region: string): StreamSource {
  return {
    streamArn: stream.arn,
    region,
    shardIds: () => stream.shards.map(({ shardId }) => shardId),
    read: (shardId, after, limit) => stream.shard(shardId).recordsAfter(after, limit),
    lastSequenceNumber: (shardId) => stream.shard(shardId).lastSequenceNumber,
  }
}
