import { z } from 'zod'
import { AwsServiceError } from '../aws-json-server.ts'
import { decodeRecord, recordMembers } from './record-input.ts'
import { parseInput, referencedStream, streamReference } from './request-input.ts'
import { sizeOf, writeOf } from './stream-call.ts'
import type { KinesisStreams } from './streams.ts'

const maximumRecords = 500
/** Data and partition keys of all records. */
const maximumRequestBytes = 10 * 1024 * 1024

const inputSchema = z.object({
  ...streamReference,
  Records: z
    .array(z.object(recordMembers))
    .min(1, 'Member must have length greater than or equal to 1')
    .max(maximumRecords, `Member must have length less than or equal to ${maximumRecords}`),
})

/** What PutRecords answers: one result a record, in the request's order. */
export interface PutRecordsOutput {
  readonly FailedRecordCount: number
  readonly Records: readonly (
    | { readonly ShardId: string; readonly SequenceNumber: string }
    | { readonly ErrorCode: string; readonly ErrorMessage: string }
  )[]
}

/**
 * Writes up to 500 records, each on its own: some may be refused and the others written.
 *
 * An invalid request is refused before any record is written.
 * The limits: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html
 */
export function putRecords(streams: KinesisStreams, input: unknown): PutRecordsOutput {
  const request = parseInput(inputSchema, input)
  const stream = referencedStream(streams, request)
  const records = request.Records.map((record, index) =>
    decodeRecord(record, `records.${index + 1}.member.data`),
  )
  const requestBytes = records.reduce((sum, record) => sum + sizeOf(record), 0)
  if (requestBytes > maximumRequestBytes) {
    throw new AwsServiceError(
      'InvalidArgumentException',
      `The records have ${requestBytes} bytes, more than the limit of ${maximumRequestBytes}.`,
    )
  }
  const outcomes = records.map((record) => stream.put(record))
  streams.onCall(writeOf({ operation: 'PutRecords', streamName: stream.name }, records, outcomes))
  let failedCount = 0
  const results = outcomes.map((outcome) => {
    if ('sequenceNumber' in outcome) {
      return { ShardId: outcome.shardId, SequenceNumber: outcome.sequenceNumber }
    }
    failedCount += 1
    return { ErrorCode: outcome.errorCode, ErrorMessage: outcome.errorMessage }
  })
  return { FailedRecordCount: failedCount, Records: results }
}
