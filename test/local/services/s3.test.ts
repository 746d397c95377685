import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import {
  GetObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunningS3 } from '../../../local/services/s3.ts'
import { startS3 } from '../../../local/services/s3.ts'

let s3: RunningS3
let client: S3Client

beforeAll(async () => {
  s3 = await startS3({ buckets: ['failed-records', 'events.2'] })
  client = new S3Client({
    endpoint: s3.endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
})

afterAll(async () => {
  client.destroy()
  await s3.close()
})

test('it listens on 127.0.0.1 only', () => {
  expect(s3.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
})

test('the named buckets exist and no others', async () => {
  const { Buckets } = await client.send(new ListBucketsCommand({}))
  expect(Buckets?.map(({ Name }) => Name).sort()).toEqual(['events.2', 'failed-records'])
})

test.each(['failed-records', 'events.2'])(
  'a client with no setting but the endpoint writes to %s and reads back the same bytes',
  async (bucket) => {
    const body = randomBytes(100_000)
    const key = 'aws/lambda/uuid/shardId-000000000000/2023/11/14/a b+ü.json'
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }))
    const { Contents } = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: 'aws/' }))
    expect(Contents?.map(({ Key, Size }) => [Key, Size])).toEqual([[key, body.length]])
    const object = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
    expect(Buffer.from((await object.Body?.transformToByteArray()) ?? []).equals(body)).toBe(true)
  },
)

test('a bucket that was not named does not exist', async () => {
  const command = new PutObjectCommand({ Bucket: 'other', Key: 'k', Body: 'v' })
  await expect(client.send(command)).rejects.toMatchObject({ name: 'NoSuchBucket' })
})

test('it closes while a client keeps its connection', async () => {
  const short = await startS3({ buckets: ['b'] })
  const response = await fetch(`${short.endpoint}/b?list-type=2`, { headers: { connection: 'keep-alive' } })
  expect(await response.text()).toContain('<ListBucketResult')
  await short.close()
  await expect(fetch(short.endpoint)).rejects.toThrow('fetch failed')
})

test('a process that serves and closes it ends by itself and has only its own words on stdout', async () => {
  const script = `
    import { startS3 } from './local/services/s3.ts'
    const s3 = await startS3({ buckets: ['b'] })
    const response = await fetch(s3.endpoint + '/b/missing')
    await response.text()
    await s3.close()
    console.log(response.status)`
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--import',
    'tsx',
    '--input-type=module',
    '--eval',
    script,
  ])
  expect(stdout).toBe('404\n')
})
