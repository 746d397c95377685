import { z } from 'zod'
import { AwsServiceError } from '../aws-json-server.ts'
import { oneOf, parseInput, referencedStream, shardId, streamReference } from './request-input.ts'
import type { Shard } from './shard.ts'
import type { KinesisStreams } from './streams.ts'
import { sealToken } from './token.ts'

const inputSchema = z.object({
  ...streamReference,
  ShardId: shardId,
  ShardIteratorType: oneOf([
    'TRIM_HORIZON',
    'LATEST',
    'AT_SEQUENCE_NUMBER',
    'AFTER_SEQUENCE_NUMBER',
    'AT_TIMESTAMP',
  ]),
  StartingSequenceNumber: z.string().optional(),
  /** Epoch seconds, as the protocol writes times. */
  Timestamp: z.number().optional(),
})

/** What GetShardIterator answers. */
export interface GetShardIteratorOutput {
  readonly ShardIterator: string
}

/**
 * An iterator at the asked place of a shard, good for 5 minutes.
 *
 * `LATEST` is fixed here, not at the first read, so that records written in between are read. A place that is trimmed
 * is the oldest record. Throws `InvalidArgumentException` if the type's own member is missing, is of another shard or
 * is in the future.
 */
export function getShardIterator(streams: KinesisStreams, input: unknown): GetShardIteratorOutput {
  const request = parseInput(inputSchema, input)
  const stream = referencedStream(streams, request)
  const shard = stream.shard(request.ShardId)
  const createdMs = streams.nowMs()
  const position = startPosition(shard, request, createdMs)
  return {
    ShardIterator: sealToken({ streamArn: stream.arn, shardId: shard.shardId, position, createdMs }),
  }
}

function startPosition(shard: Shard, request: z.infer<typeof inputSchema>, nowMs: number): number {
  const { ShardIteratorType: type, StartingSequenceNumber: number, Timestamp: timestamp } = request
  const positions = {
    TRIM_HORIZON: () => shard.trimHorizon,
    LATEST: () => shard.tip,
    AT_SEQUENCE_NUMBER: () => shard.positionOf(needed(number, 'StartingSequenceNumber', type)),
    AFTER_SEQUENCE_NUMBER: () => shard.positionAfter(needed(number, 'StartingSequenceNumber', type)),
    AT_TIMESTAMP: () => shard.positionAtTime(pastMs(needed(timestamp, 'Timestamp', type), nowMs)),
  }
  return positions[type]()
}

function needed<T>(value: T | undefined, member: string, type: string): T {
  if (value !== undefined) return value
  throw new AwsServiceError('InvalidArgumentException', `Must specify ${member} for iterator type ${type}.`)
}

function pastMs(timestampSeconds: number, nowMs: number): number {
  // Seconds with a fraction are binary fractions: rounding gives back the milliseconds that were meant.
  const timestampMs = Math.round(timestampSeconds * 1000)
  if (timestampMs <= nowMs) return timestampMs
  throw new AwsServiceError(
    'InvalidArgumentException',
    `The timestamp ${timestampMs} is in the future; now is ${nowMs}, both in epoch milliseconds.`,
  )
}
