import { setTimeout } from 'node:timers/promises'
import { type KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis'
import { maximumAttempts, pauseAfterMs } from './backoff.ts'

/** The service's bounds on one PutRecords call (its API reference). */
export const maximumRecordsPerCall = 500
export const maximumBytesPerCall = 5 * 1024 * 1024
export const maximumRecordBytes = 1024 * 1024

export interface OutgoingRecord {
  readonly partitionKey: string
  readonly data: Uint8Array
}

/** A record with the place that the stream gave it. */
export interface Acknowledged<R> {
  readonly record: R
  readonly shardId: string
  readonly sequenceNumber: string
}

/** Some records were refused to the last attempt. */
export class RefusedRecordsError extends Error {
  override readonly name = 'RefusedRecordsError'
}

/**
 * Writes one call's worth of records, in order per partition key as far as none is refused, and sends those that were
 * refused again, alone, with growing pauses. `onAcknowledged` sees each record once the stream has it; `onRefused` the
 * number refused by each attempt.
 * @throws RefusedRecordsError when records are still refused after 20 attempts, and what the client throws.
 */
export async function putRecords<R extends OutgoingRecord>(
  client: KinesisClient,
  streamName: string,
  records: readonly R[],
  onAcknowledged: (acknowledged: Acknowledged<R>) => void,
  onRefused: (count: number) => void,
  sleep: (durationMs: number) => Promise<void> = setTimeout,
): Promise<void> {
  let pending = records
  for (let attempt = 1; ; attempt++) {
    const { Records: results = [] } = await client.send(
      new PutRecordsCommand({
        StreamName: streamName,
        Records: pending.map(({ partitionKey, data }) => ({ PartitionKey: partitionKey, Data: data })),
      }),
    )
    const refused: R[] = []
    let reason = 'no result'
    for (const [index, record] of pending.entries()) {
      const { ShardId: shardId, SequenceNumber: sequenceNumber, ErrorCode: errorCode } = results[index] ?? {}
      if (shardId !== undefined && sequenceNumber !== undefined)
        onAcknowledged({ record, shardId, sequenceNumber })
      else {
        refused.push(record)
        reason = errorCode ?? reason
      }
    }
    if (refused.length === 0) return
    onRefused(refused.length)
    if (attempt === maximumAttempts) {
      throw new RefusedRecordsError(
        `${refused.length} records were refused ${attempt} times, last with ${reason}`,
      )
    }
    pending = refused
    await sleep(pauseAfterMs(attempt))
  }
}
