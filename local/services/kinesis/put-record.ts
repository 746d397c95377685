import { z } from 'zod'
import { AwsServiceError } from '../aws-json-server.ts'
import { decodeRecord, recordMembers } from './record-input.ts'
import { parseInput, referencedStream, streamReference } from './request-input.ts'
import { writeOf } from './stream-call.ts'
import type { KinesisStreams } from './streams.ts'

// SequenceNumberForOrdering needs no member: numbers grow strictly in every shard whether it is given or not.
const inputSchema = z.object({ ...streamReference, ...recordMembers })

/** What PutRecord answers. */
export interface PutRecordOutput {
  readonly ShardId: string
  readonly SequenceNumber: string
}

/** Writes one record; a refused record is an error of the whole request, with status 500 for `InternalFailure`. */
export function putRecord(streams: KinesisStreams, input: unknown): PutRecordOutput {
  const request = parseInput(inputSchema, input)
  const stream = referencedStream(streams, request)
  const record = decodeRecord(request, 'data')
  const outcome = stream.put(record)
  streams.onCall(writeOf({ operation: 'PutRecord', streamName: stream.name }, [record], [outcome]))
  if ('errorCode' in outcome) {
    const status = outcome.errorCode === 'InternalFailure' ? 500 : 400
    throw new AwsServiceError(outcome.errorCode, outcome.errorMessage, status)
  }
  return { ShardId: outcome.shardId, SequenceNumber: outcome.sequenceNumber }
}
