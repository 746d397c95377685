import { describe, expect, it } from 'vitest'
import { kinesisFilterView, kinesisRecordJson } from '../../../local/event-source-mapping/kinesis-record.ts'

const ORIGIN = {
  shardId: 'shardId-000000000000',
  streamArn: 'arn:aws:kinesis:eu-west-1:000000000000:stream/flights',
  region: 'eu-west-1',
  executionRoleArn: 'arn:aws:iam::000000000000:role/flights',
}
const RECORD = {
  SequenceNumber: '49590338271490256608559692538361571095921575989136588898',
  PartitionKey: 'JFK',
  ApproximateArrivalTimestamp: 1_789_809_074.716,
  Data: 'SGVsbG8sIHRoaXMgaXMgYSB0ZXN0Lg==',
}

describe('a record in a Kinesis event', () => {
  it('E1 has the members of AWS, in the order of AWS', () => {
    expect(kinesisRecordJson(RECORD, ORIGIN)).toBe(
      '{"kinesis":{"kinesisSchemaVersion":"1.0","partitionKey":"JFK",' +
        '"sequenceNumber":"49590338271490256608559692538361571095921575989136588898",' +
        '"data":"SGVsbG8sIHRoaXMgaXMgYSB0ZXN0Lg==","approximateArrivalTimestamp":1789809074.716},' +
        '"eventSource":"aws:kinesis","eventVersion":"1.0",' +
        '"eventID":"shardId-000000000000:49590338271490256608559692538361571095921575989136588898",' +
        '"eventName":"aws:kinesis:record","invokeIdentityArn":"arn:aws:iam::000000000000:role/flights",' +
        '"awsRegion":"eu-west-1","eventSourceARN":"arn:aws:kinesis:eu-west-1:000000000000:stream/flights"}',
    )
  })
})

function viewOf(data: string): unknown {
  return kinesisFilterView({ ...RECORD, Data: Buffer.from(data).toString('base64') })
}

describe('a record as filter patterns see it', () => {
  it('has its decoded data beside its metadata', () => {
    expect(viewOf('{"origin":"JFK"}')).toEqual({
      partitionKey: 'JFK',
      sequenceNumber: RECORD.SequenceNumber,
      approximateArrivalTimestamp: 1_789_809_074.716,
      data: { origin: 'JFK' },
    })
  })

  it('has no data where that is no JSON', () => {
    expect(viewOf('Hello, this is a test.')).not.toHaveProperty('data')
  })
})
