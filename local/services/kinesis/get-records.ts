import { z } from 'zod'
import { AwsServiceError } from '../aws-json-server.ts'
import type { KinesisRecord } from './record-log.ts'
import { parseInput, streamReference, whole } from './request-input.ts'
import type { Shard } from './shard.ts'
import { type ChildShardOutput, childShardOutput } from './shard-output.ts'
import type { Stream } from './stream.ts'
import type { KinesisStreams } from './streams.ts'
import { openIterator, sealToken, type ShardIterator } from './token.ts'

const maximumRecords = 10_000
/** Data and partition keys. */
const maximumAnswerBytes = 10 * 1024 * 1024

const inputSchema = z.object({
  ...streamReference,
  ShardIterator: z.string(),
  Limit: whole(1, maximumRecords).optional(),
})

/** A record as GetRecords answers it. */
export interface RecordOutput {
  readonly SequenceNumber: string
  readonly PartitionKey: string
  /** Epoch seconds, with milliseconds. */
  readonly ApproximateArrivalTimestamp: number
  /** In base64. */
  readonly Data: string
}

/** What GetRecords answers. */
export interface GetRecordsOutput {
  readonly Records: readonly RecordOutput[]
  /** Missing when the end of a closed shard is reached. */
  readonly NextShardIterator?: string
  /** Present when the end of a closed shard is reached: what took over from it. */
  readonly ChildShards?: readonly ChildShardOutput[]
  /** How long ago the last record of this answer arrived; 0 if it is the shard's newest, or there is none. */
  readonly MillisBehindLatest: number
}

/**
 * Reads on from an iterator: at most `Limit` records, by default 10,000, and at most 10 MiB, but at least one
 * record if there is any. Where the iterator's record is trimmed, it reads from the oldest one on.
 *
 * Throws `InvalidArgumentException` for an iterator that is none, `ExpiredIteratorException` for one older than
 * 5 minutes, `ResourceNotFoundException` if its shard has expired, and, where the stream has limits,
 * `ProvisionedThroughputExceededException`.
 */
export function getRecords(streams: KinesisStreams, input: unknown): GetRecordsOutput {
  const { ShardIterator: sealed, Limit: limit = maximumRecords } = parseInput(inputSchema, input)
  const nowMs = streams.nowMs()
  const iterator = openIterator(sealed, nowMs)
  const stream = streamOf(streams, iterator)
  const shard = stream.shard(iterator.shardId)
  const call = { operation: 'GetRecords', streamName: stream.name } as const
  try {
    stream.admitRead(shard)
  } catch (error) {
    streams.onCall({ ...call, isThrottled: true, records: 0, recordBytes: 0, lastAgeMs: 0 })
    throw error
  }
  const start = Math.max(iterator.position, shard.trimHorizon)
  const { records, readBytes } = read(shard, start, limit)
  shard.readLimit?.add(readBytes)
  const lastArrivalMs = records.at(-1)?.arrivalMs ?? nowMs
  streams.onCall({
    ...call,
    isThrottled: false,
    records: records.length,
    recordBytes: readBytes,
    lastAgeMs: nowMs - lastArrivalMs,
  })
  const position = start + records.length
  const isAtTip = position >= shard.tip
  const last = isAtTip ? undefined : records.at(-1)
  return {
    Records: records.map(recordOutput),
    ...(isAtTip && shard.end !== undefined
      ? { ChildShards: stream.childrenOf(shard).map(childShardOutput) }
      : { NextShardIterator: sealToken({ ...iterator, position, createdMs: nowMs }) }),
    MillisBehindLatest: last === undefined ? 0 : Math.max(0, nowMs - last.arrivalMs),
  }
}

/** The stream of an iterator, which a later one of the same name is not. */
function streamOf(streams: KinesisStreams, { streamArn, shardId, createdMs }: ShardIterator): Stream {
  const stream = streams.get(streamArn)
  if (createdMs >= stream.createdMs) return stream
  throw new AwsServiceError(
    'ResourceNotFoundException',
    `Shard ${shardId} in stream ${stream.name} under account ${stream.accountId} does not exist`,
  )
}

/** As many records from a position on as one answer holds. */
function read(shard: Shard, start: number, limit: number): { records: KinesisRecord[]; readBytes: number } {
  const records: KinesisRecord[] = []
  const end = Math.min(shard.tip, start + limit)
  let readBytes = 0
  for (let position = start; position < end; position += 1) {
    const record = shard.recordAt(position)
    const recordBytes = record.data.byteLength + Buffer.byteLength(record.partitionKey)
    if (records.length > 0 && readBytes + recordBytes > maximumAnswerBytes) break
    records.push(record)
    readBytes += recordBytes
  }
  return { records, readBytes }
}

function recordOutput({ sequenceNumber, partitionKey, arrivalMs, data }: KinesisRecord): RecordOutput {
  return {
    SequenceNumber: sequenceNumber,
    PartitionKey: partitionKey,
    ApproximateArrivalTimestamp: arrivalMs / 1000,
    Data: (Buffer.isBuffer(data) ? data : Buffer.from(data)).toString('base64'),
  }
}
