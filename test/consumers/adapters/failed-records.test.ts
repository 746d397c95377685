import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { s3FailedRecords } from '../../../consumers/adapters/failed-records.ts'
import type { RejectedRecord } from '../../../consumers/engine/ports.ts'
import { type S3AndSqs, startS3AndSqs } from '../../../local/services/s3-and-sqs.ts'
import { stubAwsEnvironment } from './aws-environment.ts'

const nowMs = Date.UTC(2024, 1, 3, 4, 5, 6, 7)
const rejected: readonly RejectedRecord[] = [
  {
    reason: 'not-json',
    detail: 'the payload is not JSON',
    position: {
      stream: 'arn:stream',
      shard: 'shard',
      sequenceNumber: '49590338271490256608559692538361571095921575',
    },
    raw: { kinesis: { data: 'bm90\nanNvbg==' } },
  },
  { reason: 'unknown-source', detail: 'what is this: "ü🛫"', raw: 7 },
]

let s3: S3AndSqs
let client: S3Client
beforeAll(async () => {
  s3 = await startS3AndSqs({ buckets: ['failed'] })
  stubAwsEnvironment({ s3: s3.endpoint })
  client = new S3Client({})
})
afterAll(async () => {
  client.destroy()
  vi.unstubAllEnvs()
  await s3.close()
})

async function keysOf(pipeline: string): Promise<string[]> {
  const { Contents = [] } = await client.send(
    new ListObjectsV2Command({ Bucket: 'failed', Prefix: `rejected/${pipeline}/` }),
  )
  return Contents.map(({ Key = '' }) => Key)
}

test('the records of an invocation are one object of JSON lines, by pipeline, hour and request', async () => {
  const target = { bucket: 'failed', pipeline: 'flights', requestId: 'request-1' }
  await s3FailedRecords(target, () => nowMs).write(rejected)
  const [key = '', ...others] = await keysOf('flights')
  expect(others).toEqual([])
  expect(key).toMatch(/^rejected\/flights\/2024\/02\/03\/04\/request-1-[0-9a-f-]{36}\.ndjson$/)
  const { Body, ContentType } = await client.send(new GetObjectCommand({ Bucket: 'failed', Key: key }))
  expect(ContentType).toBe('application/x-ndjson')
  const text = (await Body?.transformToString()) ?? ''
  expect(text.endsWith('\n')).toBe(true)
  const rejectedAt = '2024-02-03T04:05:06.007Z'
  const lines = text.trimEnd().split('\n')
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual(
    rejected.map(({ raw: record, ...rest }) => ({ ...rest, rejectedAt, record })),
  )
})

test('a second write of the same request overwrites nothing', async () => {
  const records = s3FailedRecords({ bucket: 'failed', pipeline: 'orders', requestId: 'r' }, () => nowMs)
  await records.write(rejected)
  await records.write(rejected)
  expect(await keysOf('orders')).toHaveLength(2)
})

test('a bucket that is not there rejects the write, so that its records come again', async () => {
  const target = { bucket: 'missing', pipeline: 'flights', requestId: 'r' }
  await expect(s3FailedRecords(target, () => nowMs).write(rejected)).rejects.toMatchObject({
    name: 'NoSuchBucket',
  })
})
