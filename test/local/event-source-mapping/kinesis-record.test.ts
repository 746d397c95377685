import { describe, expect, it } from 'vitest'
import { kinesisRecordJson } from '../../../local/event-source-mapping/kinesis-record.ts'

const ORIGIN = {
  shardId: 'shardId-000000000000',
  streamArn: 'arn:aws:kinesis:eu-west-1:000000000000:stream/flights',
  region: 'eu-west-1',
  executionRoleArn: 'arn:aws:iam::000000000000:role/flights',
}
const RECORD = {
  sequenceNumber: '49590338271490256608559692538361571095921575989136588898',
  partitionKey: 'JFK',
  arrivalMs: 1_789_809_074_716,
  data: Buffer.from('Hello, this is a test.'),
}

describe('a record in a Kinesis event', () => {
  it('has the members of AWS, in the order of AWS', () => {
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

  it('carries only the bytes of the record where its data is a view of a larger buffer', () => {
    const data = new Uint8Array([1, 2, 3, 4, 5]).subarray(1, 3)
    expect(kinesisRecordJson({ ...RECORD, data }, ORIGIN)).toContain('"data":"AgM="')
  })
})
