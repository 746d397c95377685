import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dynamodbRecords } from '../../../consumers/sources/dynamodb.ts'

const streamArn = 'arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026-05-01T12:00:00.000'
const eventId = '07a8b0f2e5c84b0f9d6f4f0b6f1c2d3e'
const sequenceNumber = '1405400000000002063282832'
const position = { stream: streamArn, shard: eventId, sequenceNumber }
const placed = { lineId: { S: 'line-1' }, status: { S: 'placed' }, sales: { N: '261.96' } }
const paid = { ...placed, status: { S: 'paid' } }

/** A modification as an event source mapping delivers it; `fields` and `change` change or, if undefined, remove members. */
function delivered(
  fields: Readonly<Record<string, unknown>> = {},
  change: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  return {
    eventID: eventId,
    eventName: 'MODIFY',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: 'eu-west-1',
    dynamodb: {
      ApproximateCreationDateTime: 1_700_000_000,
      Keys: { lineId: { S: 'line-1' } },
      NewImage: paid,
      OldImage: placed,
      SequenceNumber: sequenceNumber,
      SizeBytes: 112,
      StreamViewType: 'NEW_AND_OLD_IMAGES',
      ...change,
    },
    eventSourceARN: streamArn,
    ...fields,
  }
}

function removed(fields: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return delivered({ eventName: 'REMOVE', ...fields }, { NewImage: undefined })
}

function read(...records: readonly unknown[]): ReturnType<typeof dynamodbRecords> {
  return dynamodbRecords({ Records: records })
}

/** What the engine decodes. */
function payloadOf(raw: unknown): unknown {
  const [record] = read(raw)
  if (record === undefined || 'reason' in record) return record
  return JSON.parse(Buffer.from(record.payload).toString())
}

const oldRow = { lineId: 'line-1', status: 'placed', sales: 261.96 }
const newRow = { lineId: 'line-1', status: 'paid', sales: 261.96 }

describe('a change', () => {
  test('is its place, the key of its item, its time in milliseconds and its images, and itself', () => {
    const raw = delivered()
    expect(read(raw)).toEqual([
      {
        position,
        partitionKey: '[["lineId","S","line-1"]]',
        arrivalMs: 1_700_000_000_000,
        payload: Buffer.from(JSON.stringify({ old: oldRow, new: newRow })),
        raw,
      },
    ])
  })

  test('has a new image where the item is new, an old one where it was deleted, and both in between', () => {
    const inserted = delivered({ eventName: 'INSERT' }, { OldImage: undefined })
    expect(payloadOf(inserted)).toEqual({ new: newRow })
    expect(payloadOf(delivered())).toEqual({ old: oldRow, new: newRow })
    expect(payloadOf(removed())).toEqual({ old: oldRow })
  })

  test('by the time to live says so, and none by a user or another service does', () => {
    const type = 'Service'
    const principalId = 'dynamodb.amazonaws.com'
    expect(payloadOf(removed({ userIdentity: { type, principalId } }))).toEqual({
      old: oldRow,
      expired: true,
    })
    for (const userIdentity of [
      { type, principalId: 'replication.dynamodb.amazonaws.com' },
      { type: 'User', principalId },
      { principalId },
      null,
    ])
      expect(payloadOf(removed({ userIdentity }))).toEqual({ old: oldRow })
    expect(payloadOf(delivered({ userIdentity: { type, principalId } }))).not.toHaveProperty('expired')
  })

  test('has a place of its own, though shards may share sequence numbers', () => {
    const [one, other] = read(delivered(), delivered({ eventID: 'another' }))
    expect(one?.position).not.toEqual(other?.position)
    expect(one?.position).toEqual(read(delivered())[0]?.position)
  })

  test('comes in the batch’s order, unreadable ones at their place', () => {
    const numbers = ['3', '1', '2']
    const [first, second, third] = numbers.map((number) => delivered({}, { SequenceNumber: number }))
    const records = read(first, 'nonsense', second, third)
    expect(records.map((record) => record.position?.sequenceNumber)).toEqual(['3', undefined, '1', '2'])
    expect(records.map((record) => 'reason' in record)).toEqual([false, true, false, false])
  })
})

describe('a change without its images', () => {
  test.each(['KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE'])(
    'is unreadable, and told what to change: %s',
    (shown) => {
      const raw = delivered({}, { StreamViewType: shown })
      const detail = `the table's stream shows ${shown}, and changes need NEW_AND_OLD_IMAGES`
      expect(read(raw)).toEqual([{ reason: 'missing-images', detail, position, raw }])
    },
  )

  test.each([
    ['INSERT', { NewImage: undefined }],
    ['MODIFY', { NewImage: undefined }],
    ['MODIFY', { OldImage: undefined }],
    ['REMOVE', { OldImage: undefined }],
  ])('is unreadable: %s with %j', (eventName, change) => {
    expect(read(delivered({ eventName }, change))).toMatchObject([{ reason: 'missing-images', position }])
    expect(read(delivered({ eventName }))).not.toMatchObject([{ reason: 'missing-images' }])
  })
})

describe('a record that is not as DynamoDB delivers it', () => {
  test.each([
    ['of another source', delivered({ eventSource: 'aws:kinesis' })],
    ['of no source', delivered({ eventSource: undefined })],
    ['of another kind of change', delivered({ eventName: 'UPSERT' })],
    ['without a key', delivered({}, { Keys: undefined })],
    ['with a time that is a text', delivered({}, { ApproximateCreationDateTime: '1700000000' })],
    ['with a time that is not finite', delivered({}, { ApproximateCreationDateTime: Infinity })],
    ['with an image that is none', delivered({}, { NewImage: 'paid' })],
    ['with an attribute of two types', delivered({}, { OldImage: { a: { S: 'b', N: '1' } } })],
  ])('%s is unreadable, but keeps its place', (_, raw) => {
    expect(read(raw)).toEqual([
      { reason: 'unknown-source', detail: expect.stringContaining('the record'), position, raw },
    ])
  })

  test.each([
    ['without a sequence number', delivered({}, { SequenceNumber: undefined })],
    ['without a stream', delivered({ eventSourceARN: undefined })],
    ['without an event id', delivered({ eventID: undefined })],
    ['without anything of DynamoDB', delivered({ dynamodb: undefined })],
    ['that is no object', 7],
    ['that is null', null],
    ['with members that are inherited', Object.create(delivered())],
  ])('%s is unreadable and has no place', (_, raw) => {
    expect(read(raw)).toEqual([{ reason: 'unknown-source', detail: expect.any(String), raw }])
  })
})

describe('an event', () => {
  test.each([[{}], [{ Records: 'none' }], [null], [[delivered()]]])(
    'that is no batch, such as %j, throws: there is nothing to report on',
    (event) => {
      expect(() => dynamodbRecords(event)).toThrow('the event has no Records')
    },
  )

  test('with any records at all gives one for each', () => {
    fc.assert(
      fc.property(fc.array(fc.anything()), (records) => {
        expect(read(...records)).toHaveLength(records.length)
      }),
    )
  })

  test('with any JSON at all in a record gives one for it', () => {
    const names = fc.constantFrom('S', 'N', 'B', 'SS', 'NS', 'BS', 'L', 'M', 'NULL', 'BOOL', 'x')
    const typed = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 6 },
        fc.jsonValue(),
        fc.dictionary(names, tie('value')),
        fc.array(tie('value')),
      ),
    })).value
    const members = fc.record({ NewImage: typed, OldImage: typed, Keys: typed }, { requiredKeys: [] })
    const eventNames = fc.constantFrom('INSERT', 'MODIFY', 'REMOVE', 'x')
    fc.assert(
      fc.property(members, eventNames, fc.jsonValue(), (change, eventName, userIdentity) => {
        expect(read(delivered({ eventName, userIdentity }, change))).toHaveLength(1)
      }),
    )
  })
})
