import type { StreamRecord } from './stream-source.ts'

/** What the records of one shard have in common in the event. */
export interface KinesisOrigin {
  readonly shardId: string
  readonly streamArn: string
  readonly region: string
  readonly executionRoleArn: string
}

/**
 * Serialises one record as it stands in `Records` of a Kinesis event.
 *
 * The members and their order are those of recorded AWS events; the data is base64, and the arrival time is in
 * seconds with three decimals.
 */
export function kinesisRecordJson(record: StreamRecord, origin: KinesisOrigin): string {
  const { buffer, byteOffset, byteLength } = record.data
  return JSON.stringify({
    kinesis: {
      kinesisSchemaVersion: '1.0',
      partitionKey: record.partitionKey,
      sequenceNumber: record.sequenceNumber,
      data: Buffer.from(buffer, byteOffset, byteLength).toString('base64'),
      approximateArrivalTimestamp: record.arrivalMs / 1000,
    },
    eventSource: 'aws:kinesis',
    eventVersion: '1.0',
    eventID: `${origin.shardId}:${record.sequenceNumber}`,
    eventName: 'aws:kinesis:record',
    invokeIdentityArn: origin.executionRoleArn,
    awsRegion: origin.region,
    eventSourceARN: origin.streamArn,
  })
}
