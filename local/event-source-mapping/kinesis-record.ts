import type { RecordOutput } from '../services/kinesis/get-records.ts'

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
export function kinesisRecordJson(record: RecordOutput, origin: KinesisOrigin): string {
  return JSON.stringify({
    kinesis: {
      kinesisSchemaVersion: '1.0',
      partitionKey: record.PartitionKey,
      sequenceNumber: record.SequenceNumber,
      data: record.Data,
      approximateArrivalTimestamp: record.ApproximateArrivalTimestamp,
    },
    eventSource: 'aws:kinesis',
    eventVersion: '1.0',
    eventID: `${origin.shardId}:${record.SequenceNumber}`,
    eventName: 'aws:kinesis:record',
    invokeIdentityArn: origin.executionRoleArn,
    awsRegion: origin.region,
    eventSourceARN: origin.streamArn,
  })
}

/**
 * A record as filter patterns see it: its metadata, and its data under `data`, decoded where it is JSON. Data that is
 * none is left out, so no pattern on it matches (AWS Lambda Developer Guide, "Using event filtering with a Kinesis event
 * source").
 */
export function kinesisFilterView({ Data, ...metadata }: RecordOutput): unknown {
  const view = {
    partitionKey: metadata.PartitionKey,
    sequenceNumber: metadata.SequenceNumber,
    approximateArrivalTimestamp: metadata.ApproximateArrivalTimestamp,
  }
  try {
    return { ...view, data: JSON.parse(Buffer.from(Data, 'base64').toString('utf8')) as unknown }
  } catch {
    return view
  }
}
