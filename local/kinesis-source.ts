import { kinesisFilterView, kinesisRecordJson } from './event-source-mapping/kinesis-record.ts'
import {
  ReadThrottledError,
  type ShardRead,
  type ShardReader,
  type SourceShard,
  type StartingPlace,
  type StreamRecord,
  type StreamSource,
} from './event-source-mapping/stream-source.ts'
import { type AwsOperations, AwsServiceError } from './services/aws-json-server.ts'
import type { GetRecordsOutput } from './services/kinesis/get-records.ts'
import type { GetShardIteratorOutput } from './services/kinesis/get-shard-iterator.ts'
import type { ListShardsOutput } from './services/kinesis/list-shards.ts'

/** AWS looks into an idle shard once a second. */
const pollIntervalMs = 1_000
const millisPerHour = 3_600_000
/** How old an answer about the retention may be: it is asked for at each step of a mapping. */
const retentionAgeMs = 1_000
const defaultRetentionHours = 24

/** What {@link kinesisSource} needs. */
export interface KinesisSourceOptions {
  /** The API of Kinesis, as its clients see it. */
  readonly operations: AwsOperations
  readonly streamArn: string
  readonly region: string
  /** Named by each record of the event. */
  readonly executionRoleArn: string
  /** Epoch milliseconds. */
  readonly nowMs: () => number
  /** Default: a second, as AWS. */
  readonly pollIntervalMs?: number
}

/** A stream of the local Kinesis as what a mapping reads from, through the same API as any other consumer. */
export function kinesisSource(options: KinesisSourceOptions): StreamSource {
  const { operations, streamArn } = options
  const call: Call = (operation, input) => {
    const handle = operations[operation]
    if (handle === undefined) throw new Error(`Kinesis has no ${operation} here`)
    return handle({ StreamARN: streamArn, ...input })
  }
  let retention = { hours: defaultRetentionHours, askedMs: Number.NEGATIVE_INFINITY }
  const askForRetention = (askedMs: number): void => {
    const { StreamDescriptionSummary } = call('DescribeStreamSummary', {}) as DescribeStreamSummaryOutput
    retention = { hours: StreamDescriptionSummary.RetentionPeriodHours, askedMs }
  }
  return {
    kind: 'kinesis',
    streamArn,
    pollIntervalMs: options.pollIntervalMs ?? pollIntervalMs,
    retentionMs: () => {
      const nowMs = options.nowMs()
      try {
        if (nowMs - retention.askedMs >= retentionAgeMs) askForRetention(nowMs)
      } catch {
        // Whoever reads the stream is told why it is not there.
        retention = { ...retention, askedMs: nowMs }
      }
      return retention.hours * millisPerHour
    },
    shards: async () => listShards(call),
    open: async (shardId, place) => new KinesisShardReader(call, options, shardId, place),
  }
}

/** What an operation answers is the service's to keep to. */
type Call = (operation: string, input: object) => object

interface DescribeStreamSummaryOutput {
  readonly StreamDescriptionSummary: { readonly RetentionPeriodHours: number }
}

function listShards(call: Call): SourceShard[] {
  const shards: SourceShard[] = []
  let token: string | undefined
  do {
    const page = call(
      'ListShards',
      token === undefined ? {} : { StreamARN: undefined, NextToken: token },
    ) as ListShardsOutput
    for (const { ShardId, ParentShardId, AdjacentParentShardId, SequenceNumberRange } of page.Shards) {
      const parentIds = [ParentShardId, AdjacentParentShardId].filter((id) => id !== undefined)
      shards.push({
        id: ShardId,
        parentIds,
        isClosed: SequenceNumberRange.EndingSequenceNumber !== undefined,
      })
    }
    token = page.NextToken
  } while (token !== undefined)
  return shards
}

class KinesisShardReader implements ShardReader {
  readonly startedAt: StartingPlace
  readonly #call: Call
  readonly #options: KinesisSourceOptions
  readonly #shardId: string
  #iterator: string
  #lastSequenceNumber: string | undefined

  constructor(call: Call, options: KinesisSourceOptions, shardId: string, place: StartingPlace) {
    this.#call = call
    this.#options = options
    this.#shardId = shardId
    // An iterator lasts five minutes. What begins at LATEST begins again at its time, where it read nothing until then.
    this.startedAt = place.at === 'LATEST' ? { at: 'AT_TIMESTAMP', timestampMs: options.nowMs() } : place
    this.#iterator = this.#iteratorAt(place)
  }

  async read(limit: number): Promise<ShardRead> {
    const { Records, NextShardIterator } = this.#getRecords(limit)
    if (NextShardIterator !== undefined) this.#iterator = NextShardIterator
    this.#lastSequenceNumber = Records.at(-1)?.SequenceNumber ?? this.#lastSequenceNumber
    const origin = { ...this.#options, shardId: this.#shardId }
    const records = Records.map((record): StreamRecord => ({
      sequenceNumber: record.SequenceNumber,
      orderingKey: record.PartitionKey,
      arrivalMs: Math.round(record.ApproximateArrivalTimestamp * 1_000),
      json: kinesisRecordJson(record, origin),
      filterView: () => kinesisFilterView(record),
    }))
    return { records, isAtEnd: NextShardIterator === undefined }
  }

  #getRecords(limit: number): GetRecordsOutput {
    try {
      return this.#readOn(limit)
    } catch (error) {
      if (!(error instanceof AwsServiceError) || error.code !== 'ExpiredIteratorException') throw error
      const last = this.#lastSequenceNumber
      this.#iterator = this.#iteratorAt(
        last === undefined ? this.startedAt : { at: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: last },
      )
      return this.#readOn(limit)
    }
  }

  #readOn(limit: number): GetRecordsOutput {
    try {
      return this.#call('GetRecords', { ShardIterator: this.#iterator, Limit: limit }) as GetRecordsOutput
    } catch (error) {
      if (!(error instanceof AwsServiceError) || error.code !== 'ProvisionedThroughputExceededException')
        throw error
      throw new ReadThrottledError(error.message, { cause: error })
    }
  }

  #iteratorAt(place: StartingPlace): string {
    const { ShardIterator } = this.#call('GetShardIterator', {
      ShardId: this.#shardId,
      ShardIteratorType: place.at,
      ...(place.at === 'AFTER_SEQUENCE_NUMBER' && { StartingSequenceNumber: place.sequenceNumber }),
      ...(place.at === 'AT_TIMESTAMP' && { Timestamp: place.timestampMs / 1_000 }),
    }) as GetShardIteratorOutput
    return ShardIterator
  }
}
