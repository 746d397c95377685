import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { kinesisRecords } from '../../../consumers/sources/kinesis.ts'

const streamArn = 'arn:aws:kinesis:eu-west-1:123456789012:stream/flights'
const sequenceNumber = '49590338271490256608559692538361571095921575989136588898'
const position = { stream: streamArn, shard: 'shardId-000000000006', sequenceNumber }

/** A record as an event source mapping delivers it; `fields` and `kinesis` change or, if undefined, remove members. */
function delivered(
  fields: Readonly<Record<string, unknown>> = {},
  kinesis: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  return {
    kinesis: {
      kinesisSchemaVersion: '1.0',
      partitionKey: 'JFK',
      sequenceNumber,
      data: Buffer.from('{"a":1}').toString('base64'),
      approximateArrivalTimestamp: 1_700_000_000.123,
      ...kinesis,
    },
    eventSource: 'aws:kinesis',
    eventVersion: '1.0',
    eventID: `shardId-000000000006:${sequenceNumber}`,
    eventName: 'aws:kinesis:record',
    awsRegion: 'eu-west-1',
    eventSourceARN: streamArn,
    ...fields,
  }
}

function read(...records: readonly unknown[]): ReturnType<typeof kinesisRecords> {
  return kinesisRecords({ Records: records })
}

describe('a record', () => {
  test('is its place, partition key, arrival in milliseconds and payload, and itself', () => {
    const raw = delivered()
    expect(read(raw)).toEqual([
      { position, partitionKey: 'JFK', arrivalMs: 1_700_000_000_123, payload: Buffer.from('{"a":1}'), raw },
    ])
  })

  test('has the same place whether the stream or a consumer with enhanced fan-out delivers it', () => {
    const consumer = `${streamArn}/consumer/flights:1700000000`
    expect(read(delivered({ eventSourceARN: consumer }))).toMatchObject([{ position }])
    expect(read(delivered({ eventSourceARN: `${streamArn}-2` }))).not.toMatchObject([{ position }])
  })

  test('may have no bytes at all', () => {
    expect(read(delivered({}, { data: '' }))).toMatchObject([{ payload: Buffer.alloc(0) }])
  })

  test('comes in the batch’s order, unreadable ones at their place', () => {
    const numbers = ['3', '1', '2']
    const [first, second, third] = numbers.map((number) => delivered({}, { sequenceNumber: number }))
    const records = read(first, 'nonsense', second, third)
    expect(records.map((record) => record.position?.sequenceNumber)).toEqual(['3', undefined, '1', '2'])
    expect(records.map((record) => 'reason' in record)).toEqual([false, true, false, false])
  })
})

describe('a record that is not as Kinesis delivers it', () => {
  test.each([
    ['of another source', delivered({ eventSource: 'aws:dynamodb' })],
    ['of no source', delivered({ eventSource: undefined })],
    ['without a partition key', delivered({}, { partitionKey: undefined })],
    ['without data', delivered({}, { data: undefined })],
    ['with an arrival that is a text', delivered({}, { approximateArrivalTimestamp: '1700000000' })],
    ['with an arrival that is not finite', delivered({}, { approximateArrivalTimestamp: Infinity })],
  ])('%s is unreadable, but keeps its place', (_, raw) => {
    expect(read(raw)).toEqual([
      { reason: 'unknown-source', detail: expect.stringContaining('Kinesis'), position, raw },
    ])
  })

  test.each([
    ['without a sequence number', delivered({}, { sequenceNumber: undefined })],
    ['without a stream', delivered({ eventSourceARN: undefined })],
    ['without an event id', delivered({ eventID: undefined })],
    ['without anything of Kinesis', delivered({ kinesis: undefined })],
    ['that is no object', 7],
    ['that is null', null],
    ['with members that are inherited', Object.create(delivered())],
  ])('%s is unreadable and has no place', (_, raw) => {
    expect(read(raw)).toEqual([{ reason: 'unknown-source', detail: expect.any(String), raw }])
  })
})

describe('an event', () => {
  test.each([
    [{}],
    [{ Records: 'none' }],
    [{ records: [] }],
    [null],
    [undefined],
    ['Records'],
    [[delivered()]],
  ])('that is no batch, such as %j, throws: there is nothing to report on', (event) => {
    expect(() => kinesisRecords(event)).toThrow('the event has no Records')
  })

  test('with no records is an empty batch', () => {
    expect(read()).toEqual([])
  })

  test('with any records at all gives one for each', () => {
    fc.assert(
      fc.property(fc.array(fc.anything()), (records) => {
        expect(read(...records)).toHaveLength(records.length)
      }),
    )
  })
})
