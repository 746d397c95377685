import { describe, expect, it } from 'vitest'
import {
  type FailedBatch,
  failureMessage,
  failureObject,
} from '../../../local/event-source-mapping/failure-document.ts'

const nowMs = Date.UTC(2026, 8, 19, 9, 11, 52, 59)
const requestId = 'd6e7f0a1-2222-4b3c-8d4e-5f6a7b8c9d0e'
const names = {
  mappingUuid: '11111111-2222-4333-8444-555555555555',
  objectUuid: '99999999-8888-4777-8666-555555555555',
}

const ofStream: FailedBatch = {
  source: 'kinesis',
  functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:flights:live',
  condition: 'RetryAttemptsExhausted',
  approximateInvokeCount: 2,
  requestId,
  response: { executedVersion: '7', functionError: 'Unhandled' },
  shardId: 'shardId-000000000000',
  streamArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/flights',
  records: {
    count: 3,
    first: {
      sequenceNumber: '49590338271490256608559692538361571095921575989136588898',
      arrivalMs: Date.UTC(2026, 8, 19, 9, 11, 14, 716),
    },
    last: {
      sequenceNumber: '49590338271490256608559692538361571095921575989136588901',
      arrivalMs: Date.UTC(2026, 8, 19, 9, 11, 15),
    },
  },
}

const ofTable: FailedBatch = {
  ...ofStream,
  source: 'dynamodb',
  shardId: 'shardId-00000001789654247890-85a74c59',
  streamArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/orders/stream/2026-09-17T13:27:00.000',
  response: { executedVersion: '$LATEST', functionError: null },
}

const requestContext =
  `{"requestContext":{"requestId":"${requestId}",` +
  '"functionArn":"arn:aws:lambda:us-east-1:000000000000:function:flights:live",'
const kinesisBatchInfo =
  '"KinesisBatchInfo":{"shardId":"shardId-000000000000",' +
  '"startSequenceNumber":"49590338271490256608559692538361571095921575989136588898",' +
  '"endSequenceNumber":"49590338271490256608559692538361571095921575989136588901",' +
  '"approximateArrivalOfFirstRecord":"2026-09-19T09:11:14.716Z",' +
  '"approximateArrivalOfLastRecord":"2026-09-19T09:11:15.000Z",' +
  '"batchSize":3,"streamArn":"arn:aws:kinesis:us-east-1:000000000000:stream/flights"}'
const timestamp = '"timestamp":"2026-09-19T09:11:52.059Z",'
const exhausted = '"condition":"RetryAttemptsExhausted","approximateInvokeCount":2},'

describe('the message of a failed batch', () => {
  it('of a stream has the members of AWS, in their order', () => {
    expect(failureMessage(ofStream, nowMs)).toBe(
      `${requestContext}${exhausted}` +
        '"responseContext":{"statusCode":200,"executedVersion":"7","functionError":"Unhandled"},' +
        `"version":"1.0",${timestamp}${kinesisBatchInfo}}`,
    )
  })

  it('of a table has arrival times in whole seconds, and its own time in milliseconds', () => {
    expect(failureMessage(ofTable, nowMs)).toBe(
      `${requestContext}${exhausted}` +
        '"responseContext":{"statusCode":200,"executedVersion":"$LATEST","functionError":null},' +
        `"version":"1.0",${timestamp}` +
        '"DDBStreamBatchInfo":{"shardId":"shardId-00000001789654247890-85a74c59",' +
        '"startSequenceNumber":"49590338271490256608559692538361571095921575989136588898",' +
        '"endSequenceNumber":"49590338271490256608559692538361571095921575989136588901",' +
        '"approximateArrivalOfFirstRecord":"2026-09-19T09:11:14Z",' +
        '"approximateArrivalOfLastRecord":"2026-09-19T09:11:15Z",' +
        '"batchSize":3,' +
        '"streamArn":"arn:aws:dynamodb:us-east-1:000000000000:table/orders/stream/2026-09-17T13:27:00.000"}}',
    )
  })

  it('has no response where there was none', () => {
    const { response: _response, ...tooOld } = ofStream
    expect(
      failureMessage({ ...tooOld, condition: 'RecordAgeExceeded', approximateInvokeCount: 1 }, nowMs),
    ).toBe(
      `${requestContext}"condition":"RecordAgeExceeded","approximateInvokeCount":1},` +
        `"version":"1.0",${timestamp}${kinesisBatchInfo}}`,
    )
  })

  it('of the call that ends a window names the window and no records', () => {
    const { records: _records, ...withoutRecords } = ofTable
    const timeWindow = {
      startMs: Date.UTC(2026, 8, 17, 14, 11, 10),
      endMs: Date.UTC(2026, 8, 17, 14, 11, 20),
      isFinalInvoke: true,
      isTerminatedEarly: false,
    }
    expect(failureMessage({ ...withoutRecords, timeWindow }, nowMs)).toBe(
      `${requestContext}${exhausted}` +
        '"responseContext":{"statusCode":200,"executedVersion":"$LATEST","functionError":null},' +
        `"version":"1.0",${timestamp}` +
        '"DDBStreamBatchInfo":{"shardId":"shardId-00000001789654247890-85a74c59",' +
        '"streamArn":"arn:aws:dynamodb:us-east-1:000000000000:table/orders/stream/2026-09-17T13:27:00.000"},' +
        '"timeWindowInfo":{"window":{"start":"2026-09-17T14:11:10Z","end":"2026-09-17T14:11:20Z"},' +
        '"isFinalInvokeForWindow":true,"isWindowTerminatedEarly":false}}',
    )
  })
})

describe('the object of a failed batch', () => {
  const payload = '{"Records":[{"kinesis":{"data":"AgM="}}]}'

  it('is the message with the event as a text, between version and time', () => {
    expect(failureObject(ofStream, nowMs, payload, names)).toEqual({
      key:
        'aws/lambda/11111111-2222-4333-8444-555555555555/shardId-000000000000/2026/09/19/' +
        '2026-09-19T09.11.52-99999999-8888-4777-8666-555555555555',
      body:
        `${requestContext}${exhausted}` +
        '"responseContext":{"statusCode":200,"executedVersion":"7","functionError":"Unhandled"},' +
        String.raw`"version":"1.0","payload":"{\"Records\":[{\"kinesis\":{\"data\":\"AgM=\"}}]}",` +
        `${timestamp}${kinesisBatchInfo}}`,
      contentType: 'application/octet-stream',
    })
  })

  it('gives the event back as it was sent, whatever is in it', () => {
    const strange = '{"Records":[{"a":"\\"\\\\\\u0000ü€"}]}\n'
    const { body } = failureObject(ofTable, nowMs, strange, names)
    expect(JSON.parse(body)).toHaveProperty('payload', strange)
  })
})
