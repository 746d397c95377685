import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { FailureDestination } from '../../local/deploy/failure-destination.ts'
import type { DiscardedBatch } from '../../local/event-source-mapping/discarded-batch.ts'
import { failureMessage, failureObject } from '../../local/event-source-mapping/failure-document.ts'
import { reportFailuresTo } from '../../local/failure-destinations.ts'
import type { ReportFailure } from '../../local/event-source-mapping/deliveries.ts'
import { type S3AndSqs, startS3AndSqs } from '../../local/services/s3-and-sqs.ts'
import { recordOf } from './event-source-mapping/records.ts'

const nowMs = Date.UTC(2026, 8, 19, 9, 11, 52, 59)
const objectUuid = '99999999-8888-4777-8666-555555555555'
const batch: DiscardedBatch = {
  mappingUuid: '11111111-2222-4333-8444-555555555555',
  functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:flights',
  source: { kind: 'kinesis', streamArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/flights' },
  shardId: 'shardId-000000000000',
  requestId: 'd6e7f0a1-2222-4b3c-8d4e-5f6a7b8c9d0e',
  reason: 'retries-exhausted',
  approximateInvokeCount: 1,
  failure: { reason: 'function-error', errorType: 'Error', errorMessage: 'thrown' },
  records: [recordOf({ arrivalMs: nowMs - 1_000 })],
  window: undefined,
  payload: '{"Records":[{"kinesis":{"data":"AgM="}}]}',
}

let services: S3AndSqs
let s3: S3Client
let sqs: SQSClient

beforeAll(async () => {
  services = await startS3AndSqs({ buckets: ['failed'], queues: [{ name: 'failed' }] })
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const options = { endpoint: services.endpoint, region: 'us-east-1', credentials, maxAttempts: 1 }
  s3 = new S3Client(options)
  sqs = new SQSClient(options)
})

afterAll(async () => {
  s3.destroy()
  sqs.destroy()
  await services.close()
})

function deliverTo(kind: FailureDestination['kind'], name: string): ReportFailure {
  return reportFailuresTo({ kind, name }, { services, nowMs: () => nowMs, createUuid: () => objectUuid })
}

async function keysInBucket(): Promise<(string | undefined)[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'failed' }))
  return Contents.map(({ Key }) => Key)
}

async function messagesInQueue(): Promise<(string | undefined)[]> {
  const QueueUrl = `${services.endpoint}/000000000000/failed`
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }))
  return Messages.map(({ Body }) => Body)
}

test('a queue is told where the records are', async () => {
  await deliverTo('queue', 'failed')(batch)
  expect(await messagesInQueue()).toEqual([failureMessage(batch, nowMs)])
  expect(await keysInBucket()).toEqual([])
})

test('a bucket gets an object with the event', async () => {
  await deliverTo('bucket', 'failed')(batch)
  const { key, body } = failureObject(batch, nowMs, objectUuid)
  expect(await keysInBucket()).toEqual([key])
  const { Body, ContentType } = await s3.send(new GetObjectCommand({ Bucket: 'failed', Key: key }))
  expect(await Body?.transformToString()).toBe(body)
  expect(ContentType).toBe('application/octet-stream')
  expect(await messagesInQueue()).toEqual([])
})

test.each([
  ['queue', /^SQS SendMessage was refused: 400/],
  ['bucket', /^other\/aws\/lambda\/.* was not put into S3: 404/],
] as const)('a %s that is not there rejects', async (kind, message) => {
  await expect(deliverTo(kind, 'other')(batch)).rejects.toThrow(message)
})
