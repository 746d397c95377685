import { describe, expect, it } from 'vitest'
import type { DiscardedBatch } from '../../../local/event-source-mapping/discarded-batch.ts'
import { failureMessage, failureObject } from '../../../local/event-source-mapping/failure-document.ts'
import { recordOf } from './records.ts'

const nowMs = Date.UTC(2026, 8, 19, 9, 11, 52, 59)
const requestId = 'd6e7f0a1-2222-4b3c-8d4e-5f6a7b8c9d0e'
const objectUuid = '99999999-8888-4777-8666-555555555555'

const ofStream: DiscardedBatch = {
  mappingUuid: '11111111-2222-4333-8444-555555555555',
  source: { kind: 'kinesis', streamArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/flights' },
  functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:flights:live',
  shardId: 'shardId-000000000000',
  requestId,
  reason: 'retries-exhausted',
  approximateInvokeCount: 2,
  failure: { reason: 'function-error', errorType: 'Error', errorMessage: 'thrown' },
  records: [
    recordOf({
      sequenceNumber: '49590338271490256608559692538361571095921575989136588898',
      arrivalMs: Date.UTC(2026, 8, 19, 9, 11, 14, 716),
    }),
    recordOf(),
    recordOf({
      sequenceNumber: '49590338271490256608559692538361571095921575989136588901',
      arrivalMs: Date.UTC(2026, 8, 19, 9, 11, 15),
    }),
  ],
  window: undefined,
  payload: '{"Records":[{"kinesis":{"data":"AgM="}}]}',
}

const ofTable: DiscardedBatch = {
  ...ofStream,
  source: {
    kind: 'dynamodb',
    streamArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/orders/stream/2026-09-17T13:27:00.000',
  },
  shardId: 'shardId-00000001789654247890-85a74c59',
  failure: { reason: 'first-record-failed' },
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
  it('D6 of a stream has the members of AWS, in their order', () => {
    expect(failureMessage(ofStream, nowMs)).toBe(
      `${requestContext}${exhausted}` +
        '"responseContext":{"statusCode":200,"executedVersion":"$LATEST","functionError":"Unhandled"},' +
        `"version":"1.0",${timestamp}${kinesisBatchInfo}}`,
    )
  })

  it('D6 of a table has arrival times in whole seconds, and its own time in milliseconds', () => {
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

  it.each([
    ['that became too old', 'RecordAgeExceeded', { reason: 'record-age-exceeded', failure: undefined }],
    [
      'too large to be sent',
      'RetryAttemptsExhausted',
      { failure: { reason: 'payload-too-large', payloadBytes: 6_990_000 } },
    ],
  ] as const)('D6 has no response of records %s', (_name, condition, parts) => {
    expect(failureMessage({ ...ofStream, ...parts, approximateInvokeCount: 1 }, nowMs)).toBe(
      `${requestContext}"condition":"${condition}","approximateInvokeCount":1},` +
        `"version":"1.0",${timestamp}${kinesisBatchInfo}}`,
    )
  })

  it('D6 says of an answer that was no list of its records that there was no error', () => {
    const failure = { reason: 'invalid-response', detail: 'the answer is not JSON' } as const
    expect(failureMessage({ ...ofStream, failure }, nowMs)).toContain('"functionError":null')
  })

  it('D7 of the call that ends a window names the window and no records', () => {
    const window = {
      startMs: Date.UTC(2026, 8, 17, 14, 11, 10),
      endMs: Date.UTC(2026, 8, 17, 14, 11, 20),
      isFinal: true,
      isTerminatedEarly: false,
    }
    expect(failureMessage({ ...ofTable, records: [], window }, nowMs)).toBe(
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
  it('D8 is the message with the event as a text, between version and time', () => {
    expect(failureObject(ofStream, nowMs, objectUuid)).toEqual({
      key:
        'aws/lambda/11111111-2222-4333-8444-555555555555/shardId-000000000000/2026/09/19/' +
        '2026-09-19T09.11.52-99999999-8888-4777-8666-555555555555',
      body:
        `${requestContext}${exhausted}` +
        '"responseContext":{"statusCode":200,"executedVersion":"$LATEST","functionError":"Unhandled"},' +
        String.raw`"version":"1.0","payload":"{\"Records\":[{\"kinesis\":{\"data\":\"AgM=\"}}]}",` +
        `${timestamp}${kinesisBatchInfo}}`,
      contentType: 'application/octet-stream',
    })
  })

  it('D8 gives the event back as it was sent, whatever is in it', () => {
    const strange = '{"Records":[{"a":"\\"\\\\\\u0000ü€"}]}\n'
    const { body } = failureObject({ ...ofTable, payload: strange }, nowMs, objectUuid)
    expect(JSON.parse(body)).toHaveProperty('payload', strange)
  })
})
