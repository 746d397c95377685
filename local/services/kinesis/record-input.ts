import { z } from 'zod'
import { AwsServiceError } from '../aws-json-server.ts'
import { hashKeyCount, toHashKey } from './hash-key.ts'
import { constraintViolation, hashKeyDecimal, text } from './request-input.ts'
import type { NewRecord } from './stream.ts'

/** Data and partition key together; a stream can be set to take up to 10 MiB, which is not modelled. */
export const maximumRecordBytes = 1024 * 1024
const maximumPartitionKeyCharacters = 256

/** The members of a record to write, in PutRecord and in each entry of PutRecords. */
export const recordMembers = {
  Data: z.string(),
  PartitionKey: text(1, maximumPartitionKeyCharacters),
  ExplicitHashKey: hashKeyDecimal.optional(),
}

/** A record as a request carries it. */
export interface RecordInput {
  readonly Data: string
  readonly PartitionKey: string
  readonly ExplicitHashKey?: string | undefined
}

/**
 * Decodes and checks a record; `path` names it in messages, as in `records.1.member.data`.
 *
 * Throws `SerializationException` for data that is not base64, `ValidationException` for a record of more than
 * {@link maximumRecordBytes} and `InvalidArgumentException` for a hash key of 2^128 or more.
 */
export function decodeRecord(input: RecordInput, path: string): NewRecord {
  const data = Buffer.from(input.Data, 'base64')
  // Node skips what is not base64, so that fewer bytes come out than the length promises.
  if (input.Data.length % 4 !== 0 || data.length !== Buffer.byteLength(input.Data, 'base64')) {
    throw new AwsServiceError('SerializationException', `${path} is not base64`)
  }
  if (data.length + Buffer.byteLength(input.PartitionKey) > maximumRecordBytes) {
    throw constraintViolation(path, `Member must have length less than or equal to ${maximumRecordBytes}`)
  }
  return { partitionKey: input.PartitionKey, data, hashKey: explicitHashKey(input.ExplicitHashKey) }
}

function explicitHashKey(decimal: string | undefined): string | undefined {
  if (decimal === undefined) return undefined
  const value = BigInt(decimal)
  if (value < hashKeyCount) return toHashKey(value)
  throw new AwsServiceError(
    'InvalidArgumentException',
    `Invalid ExplicitHashKey. It must be in the range [0, 2^128-1]. Specified value was ${decimal}`,
  )
}
