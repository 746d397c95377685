import type { _Record as ServiceRecord } from '@aws-sdk/client-dynamodb-streams'
import { describe, expect, it } from 'vitest'
import { dynamodbStreamRecord } from '../../../local/event-source-mapping/dynamodb-record.ts'

const ORIGIN = {
  streamArn: 'arn:aws:dynamodb:eu-west-1:000000000000:table/orders/stream/2026-09-17T12:00:00.000',
  region: 'eu-west-1',
}
const MODIFY = {
  awsRegion: 'ddblocal',
  dynamodb: {
    ApproximateCreationDateTime: new Date(1_789_651_658_000),
    Keys: { orderId: { S: 'o-1' }, line: { N: '7' } },
    NewImage: {
      orderId: { S: 'o-1' },
      line: { N: '7' },
      amount: { N: '12345678901234567890.5' },
      receipt: { B: new Uint8Array([1, 2, 3, 4, 5]).subarray(1, 3) },
      hashes: { BS: [new Uint8Array([255]), new Uint8Array()] },
      tags: { SS: ['a', 'ä'] },
      counts: { NS: ['1', '2'] },
      none: { NULL: true },
      parts: { L: [{ M: { isLast: { BOOL: false }, seal: { B: new Uint8Array([0]) } } }, { L: [] }] },
    },
    OldImage: { orderId: { S: 'o-1' }, line: { N: '7' } },
    SequenceNumber: '111100000000000000000000001',
    SizeBytes: 99,
    StreamViewType: 'NEW_AND_OLD_IMAGES',
  },
  eventID: '9edad3d5-5fef-4a70-aa4f-5148cd5ca3b8',
  eventName: 'MODIFY',
  eventSource: 'aws:dynamodb',
  eventVersion: '1.1',
} satisfies ServiceRecord

const recordWith = (dynamodb: ServiceRecord['dynamodb'], more: ServiceRecord = {}) =>
  dynamodbStreamRecord({ ...MODIFY, ...more, dynamodb: { ...MODIFY.dynamodb, ...dynamodb } }, ORIGIN)

const orderingKey = (Keys: NonNullable<ServiceRecord['dynamodb']>['Keys']): string =>
  recordWith({ Keys }).orderingKey

describe('a record in a DynamoDB event', () => {
  it('E2 has the members of AWS, in the order of AWS, in DynamoDB JSON', () => {
    expect(dynamodbStreamRecord(MODIFY, ORIGIN).json).toBe(
      '{"eventID":"9edad3d55fef4a70aa4f5148cd5ca3b8","eventName":"MODIFY","eventVersion":"1.1",' +
        '"eventSource":"aws:dynamodb","awsRegion":"eu-west-1",' +
        '"dynamodb":{"ApproximateCreationDateTime":1789651658,' +
        '"Keys":{"orderId":{"S":"o-1"},"line":{"N":"7"}},' +
        '"NewImage":{"orderId":{"S":"o-1"},"line":{"N":"7"},"amount":{"N":"12345678901234567890.5"},' +
        '"receipt":{"B":"AgM="},"hashes":{"BS":["/w==",""]},"tags":{"SS":["a","ä"]},"counts":{"NS":["1","2"]},' +
        '"none":{"NULL":true},"parts":{"L":[{"M":{"isLast":{"BOOL":false},"seal":{"B":"AA=="}}},{"L":[]}]}},' +
        '"OldImage":{"orderId":{"S":"o-1"},"line":{"N":"7"}},' +
        '"SequenceNumber":"111100000000000000000000001","SizeBytes":99,"StreamViewType":"NEW_AND_OLD_IMAGES"},' +
        '"eventSourceARN":"arn:aws:dynamodb:eu-west-1:000000000000:table/orders/stream/2026-09-17T12:00:00.000"}',
    )
  })

  it('has no image that the service does not give', () => {
    const { json } = recordWith({ NewImage: undefined, OldImage: undefined })
    expect(json).toContain('"Keys":{"orderId":{"S":"o-1"},"line":{"N":"7"}},"SequenceNumber"')
  })

  it('says who deleted the item where that was the time to live, and only there', () => {
    const userIdentity = { PrincipalId: 'dynamodb.amazonaws.com', Type: 'Service' }
    expect(recordWith({}, { eventName: 'REMOVE', userIdentity }).json).toContain(
      '"userIdentity":{"type":"Service","principalId":"dynamodb.amazonaws.com"},"eventSourceARN"',
    )
    expect(recordWith({}).json).not.toContain('userIdentity')
  })

  it('arrived when the service says, and its time in the event is in whole seconds', () => {
    const record = recordWith({ ApproximateCreationDateTime: new Date(1_789_651_658_999) })
    expect(record.arrivalMs).toBe(1_789_651_658_999)
    expect(record.json).toContain('"ApproximateCreationDateTime":1789651658,')
  })

  it('is seen by filters as it stands in the event', () => {
    const record = dynamodbStreamRecord(MODIFY, ORIGIN)
    expect(record.filterView()).toEqual(JSON.parse(record.json))
    expect(record.filterView()).toMatchObject({
      eventName: 'MODIFY',
      dynamodb: { NewImage: { receipt: { B: 'AgM=' } } },
    })
  })

  it.each([
    ['keys', { Keys: undefined }],
    ['a sequence number', { SequenceNumber: undefined }],
    ['a time', { ApproximateCreationDateTime: undefined }],
  ])('is refused without %s', (_what, dynamodb) => {
    expect(() => recordWith(dynamodb)).toThrow('a record without keys, sequence number or time')
  })
})

describe('the ordering key', () => {
  it("P8 is the same for an item's records, whatever the order of its attributes", () => {
    expect(orderingKey({ line: { N: '7' }, orderId: { S: 'o-1' } })).toBe(
      orderingKey({ orderId: { S: 'o-1' }, line: { N: '7' } }),
    )
  })

  it('is another for another item, down to the sort key, the type and the bytes', () => {
    const keys = [
      { orderId: { S: 'o-1' }, line: { S: '7' } },
      { orderId: { S: 'o-1' }, line: { N: '7' } },
      { orderId: { S: 'o-1' }, line: { N: '8' } },
      { orderId: { S: 'o-1' }, line: { B: new Uint8Array([7]) } },
      { orderId: { S: 'o-1' }, line: { B: new Uint8Array([7, 0]) } },
      { orderId: { S: 'o-1"' }, line: { S: '"7' } },
      { orderId: { S: 'o-1' } },
    ].map(orderingKey)
    expect(new Set(keys).size).toBe(keys.length)
  })
})
