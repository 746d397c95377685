import type { AwsOperations, RunningService } from '../aws-json-server.ts'
import { startAwsJsonServer } from '../aws-json-server.ts'
import { describeStreamSummary } from './describe-stream-summary.ts'
import { getRecords } from './get-records.ts'
import { getShardIterator } from './get-shard-iterator.ts'
import { listShards } from './list-shards.ts'
import { putRecord } from './put-record.ts'
import { putRecords } from './put-records.ts'
import type { KinesisStreams } from './streams.ts'

/** The API operations that work on the given streams, by name. */
export function kinesisOperations(streams: KinesisStreams): AwsOperations {
  return {
    DescribeStreamSummary: (input) => describeStreamSummary(streams, input),
    GetRecords: (input) => getRecords(streams, input),
    GetShardIterator: (input) => getShardIterator(streams, input),
    ListShards: (input) => listShards(streams, input),
    PutRecord: (input) => putRecord(streams, input),
    PutRecords: (input) => putRecords(streams, input),
  }
}

/** Serves the streams as Kinesis does, on 127.0.0.1; `port` is any free one by default. */
export function startKinesisServer(streams: KinesisStreams, port = 0): Promise<RunningService> {
  return startAwsJsonServer({
    targetPrefix: 'Kinesis_20131202',
    operations: kinesisOperations(streams),
    port,
  })
}
