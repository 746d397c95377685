import { z } from 'zod'
import { AwsServiceError } from '../aws-json-server.ts'
import { openToken, sealToken, tokenLifetimeMs } from './position-token.ts'
import type { PositionToken } from './position-token.ts'
import { parseInput, streamReference } from './request-input.ts'
import type { KinesisRecord } from './shard.ts'
import type { KinesisStreams } from './streams.ts'

const maximumRecords = 10_000
/** Data and partition keys. */
const maximumAnswerBytes = 10 * 1024 * 1024

const inputSchema = z.object({
  ...streamReference,
  ShardIterator: z.string(),
  Limit: z
    .number()
    .int()
    .min(1, 'Member must have value greater than or equal to 1')
    .max(maximumRecords, `Member must have value less than or equal to ${maximumRecords}`)
    .optional(),
})

/** What GetRecords answers. */
export interface GetRecordsOutput {
  readonly Records: readonly object[]
  readonly NextShardIterator: string
  /** How long ago the last record of this answer arrived; 0 if it is the shard's newest, or there is none. */
  readonly MillisBehindLatest: number
}

/**
 * Reads on from an iterator: at most `Limit` records, by default 10,000, and at most 10 MiB, but at least one
 * record if there is any.
 *
 * Throws `InvalidArgumentException` for an iterator that is none and `ExpiredIteratorException` for one older than
 * 5 minutes. The read limits of a shard are not modelled.
 */
export function getRecords(streams: KinesisStreams, input: unknown): GetRecordsOutput {
  const { ShardIterator: iterator, Limit: limit = maximumRecords } = parseInput(inputSchema, input)
  const nowMs = streams.nowMs()
  const token = openIterator(iterator, nowMs)
  const shard = streams.get(token.streamArn).shard(token.shardId)
  const records = fitting(shard.records.slice(token.position, token.position + limit))
  const position = token.position + records.length
  const last = position < shard.records.length ? records.at(-1) : undefined
  return {
    Records: records.map((record) => ({
      SequenceNumber: record.sequenceNumber,
      PartitionKey: record.partitionKey,
      ApproximateArrivalTimestamp: record.arrivalMs / 1000,
      Data: Buffer.from(record.data.buffer, record.data.byteOffset, record.data.byteLength).toString(
        'base64',
      ),
    })),
    NextShardIterator: sealToken({ ...token, position, createdMs: nowMs }),
    MillisBehindLatest: last === undefined ? 0 : Math.max(0, nowMs - last.arrivalMs),
  }
}

function openIterator(iterator: string, nowMs: number): PositionToken {
  const token = openToken(iterator)
  if (token === undefined) throw new AwsServiceError('InvalidArgumentException', 'Invalid ShardIterator.')
  if (nowMs - token.createdMs <= tokenLifetimeMs) return token
  throw new AwsServiceError(
    'ExpiredIteratorException',
    `Iterator expired. It was created at ${new Date(token.createdMs).toISOString()}, now it is ` +
      `${new Date(nowMs).toISOString()}; iterators last ${tokenLifetimeMs} ms.`,
  )
}

/** The records from the first on that one answer holds. */
function fitting(records: readonly KinesisRecord[]): readonly KinesisRecord[] {
  let answerBytes = 0
  const excess = records.findIndex(({ data, partitionKey }) => {
    answerBytes += data.byteLength + Buffer.byteLength(partitionKey)
    return answerBytes > maximumAnswerBytes
  })
  return excess === -1 ? records : records.slice(0, Math.max(1, excess))
}
