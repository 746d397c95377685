import {
  DescribeStreamCommand,
  type DynamoDBStreamsClient,
  ExpiredIteratorException,
  GetRecordsCommand,
  type GetRecordsCommandOutput,
  GetShardIteratorCommand,
  type Shard,
  TrimmedDataAccessException,
} from '@aws-sdk/client-dynamodb-streams'
import { type DynamoDbOrigin, dynamodbStreamRecord } from './event-source-mapping/dynamodb-record.ts'
import type {
  ShardReader,
  SourceShard,
  StartingPlace,
  StreamSource,
} from './event-source-mapping/stream-source.ts'

/** The most that the service gives at once. */
const maximumRecords = 1_000
const retentionMs = 24 * 60 * 60_000

/** Where the service lets a reader begin. */
type ServicePlace = Exclude<StartingPlace, { at: 'AT_TIMESTAMP' }>

/** What {@link dynamodbSource} needs. */
export interface DynamoDbSourceOptions extends DynamoDbOrigin {
  /** Of the service that has the stream; stays open. */
  readonly client: DynamoDBStreamsClient
  /** The stream's ARN as the service knows it. `streamArn` is the one that events carry. */
  readonly serviceStreamArn: string
}

/**
 * The stream of a DynamoDB table as what a mapping reads from.
 *
 * A record can be read as soon as its write has been answered: measured with DynamoDB Local, alone and under load. LATEST
 * cannot be told as another place: a reader that has read nothing yet, and is made anew or asked again after 15 minutes,
 * begins at what is LATEST then.
 * How often AWS looks into an idle shard: AWS Lambda Developer Guide, "Using AWS Lambda with Amazon DynamoDB". How long
 * records are kept: Amazon DynamoDB Developer Guide, "Change data capture for DynamoDB Streams".
 */
export function dynamodbSource(options: DynamoDbSourceOptions): StreamSource {
  return {
    kind: 'dynamodb',
    streamArn: options.streamArn,
    pollIntervalMs: 250,
    retentionMs: () => retentionMs,
    shards: () => listShards(options),
    open: async (shardId, place) => {
      if (place.at === 'AT_TIMESTAMP')
        throw new Error(`${options.streamArn}: the stream of a table is not read from a time on`)
      const reader = shardReader(options, shardId, place)
      if (place.at === 'LATEST') await reader.fix()
      return reader
    },
  }
}

async function listShards({ client, serviceStreamArn }: DynamoDbSourceOptions): Promise<SourceShard[]> {
  const found: Shard[] = []
  let after: string | undefined
  do {
    const command = new DescribeStreamCommand({ StreamArn: serviceStreamArn, ExclusiveStartShardId: after })
    const { StreamDescription: page } = await client.send(command)
    found.push(...(page?.Shards ?? []))
    after = page?.LastEvaluatedShardId
  } while (after !== undefined)
  return found.map(({ ShardId: id = '', ParentShardId: parentId, SequenceNumberRange: range }) => ({
    id,
    parentIds: parentId === undefined ? [] : [parentId],
    isClosed: range?.EndingSequenceNumber !== undefined,
  }))
}

function shardReader(
  { client, serviceStreamArn, ...origin }: DynamoDbSourceOptions,
  shardId: string,
  start: ServicePlace,
): ShardReader & { fix(): Promise<string> } {
  // LATEST stays so until a record was read: an iterator of it that expires before had none to give, or the machine slept.
  let place = start
  let iterator: string | undefined
  let isAtEnd = false

  const fix = async (): Promise<string> => {
    const command = new GetShardIteratorCommand({
      StreamArn: serviceStreamArn,
      ShardId: shardId,
      ShardIteratorType: place.at,
      SequenceNumber: place.at === 'AFTER_SEQUENCE_NUMBER' ? place.sequenceNumber : undefined,
    })
    const { ShardIterator: found } = await client.send(command)
    if (found === undefined) throw new Error(`${origin.streamArn}: no iterator for ${shardId}`)
    iterator = found
    return found
  }
  const getRecords = async (limit: number): Promise<GetRecordsCommandOutput> => {
    const ShardIterator = iterator ?? (await fix())
    return client.send(new GetRecordsCommand({ ShardIterator, Limit: Math.min(limit, maximumRecords) }))
  }
  return {
    startedAt: start,
    fix,
    read: async (limit) => {
      if (isAtEnd) return { records: [], isAtEnd }
      const { Records = [], NextShardIterator } = await getRecords(limit).catch((error: unknown) => {
        // What comes next has gone with the oldest records; what is left begins at the trim horizon.
        if (error instanceof TrimmedDataAccessException) place = { at: 'TRIM_HORIZON' }
        else if (!(error instanceof ExpiredIteratorException)) throw error
        iterator = undefined
        return getRecords(limit)
      })
      const records = Records.map((record) => dynamodbStreamRecord(record, origin))
      const last = records.at(-1)
      if (last !== undefined) place = { at: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: last.sequenceNumber }
      iterator = NextShardIterator
      isAtEnd = NextShardIterator === undefined
      return { records, isAtEnd }
    },
  }
}
