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
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { S3AndSqs } from '../../../local/services/s3-and-sqs.ts'
import { startS3AndSqs } from '../../../local/services/s3-and-sqs.ts'

let services: S3AndSqs
let client: S3Client

beforeAll(async () => {
  services = await startS3AndSqs({
    buckets: ['failed-records', 'events.2'],
    queues: [{ name: 'failed' }, { name: 'slow', attributes: { VisibilityTimeout: '7' } }],
  })
  client = new S3Client({
    endpoint: services.endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
})

afterAll(async () => {
  client.destroy()
  await services.close()
})

test('it listens on 127.0.0.1 only', () => {
  expect(services.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
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

test('an object that the stack puts is found by a client, with its content type', async () => {
  const object = {
    bucket: 'failed-records',
    key: 'aws/lambda/a b+ü/2026-09-19T09.11.52-x',
    body: '{"ü":"€"}',
  }
  await services.putObject({ ...object, contentType: 'application/octet-stream' })
  const command = new GetObjectCommand({ Bucket: object.bucket, Key: object.key })
  const { Body, ContentType } = await client.send(command)
  expect(await Body?.transformToString()).toBe(object.body)
  expect(ContentType).toBe('application/octet-stream')
})

test('an object for a bucket that does not exist is refused', async () => {
  const object = { bucket: 'other', key: 'k', body: 'v', contentType: 'text/plain' }
  await expect(services.putObject(object)).rejects.toThrow(
    /^other\/k was not put into S3: 404 .*NoSuchBucket/,
  )
})

function urlOf(queue: string): string {
  return `${services.endpoint}/000000000000/${queue}`
}

describe('queues', () => {
  /** As a function has it: told of the endpoint by its environment only. */
  let sqs: SQSClient

  beforeAll(() => {
    vi.stubEnv('AWS_ENDPOINT_URL_SQS', services.endpoint)
    sqs = new SQSClient({
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    })
  })

  afterAll(() => {
    sqs.destroy()
    vi.unstubAllEnvs()
  })

  async function receive(url: string): Promise<(string | undefined)[]> {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: url }))
    return Messages.map(({ Body }) => Body)
  }

  test('that are named exist, and no others', async () => {
    const { QueueUrls } = await sqs.send(new ListQueuesCommand({}))
    expect(QueueUrls?.toSorted()).toEqual([urlOf('failed'), urlOf('slow')])
  })

  test('are found by their name, at the endpoint', async () => {
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'failed' }))
    expect(QueueUrl).toBe(urlOf('failed'))
  })

  test('take a message from the stack, which a client receives', async () => {
    await services.sendMessage('failed', '{"ü":"€"}')
    expect(await receive(urlOf('failed'))).toEqual(['{"ü":"€"}'])
    expect(await receive(urlOf('slow'))).toEqual([])
  })

  test('take messages from clients', async () => {
    await sqs.send(new SendMessageCommand({ QueueUrl: urlOf('slow'), MessageBody: 'hello' }))
    expect(await receive(urlOf('slow'))).toEqual(['hello'])
  })

  test('have the attributes they are given', async () => {
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: urlOf('slow'), AttributeNames: ['All'] }),
    )
    expect(Attributes).toMatchObject({
      VisibilityTimeout: '7',
      QueueArn: 'arn:aws:sqs:us-east-1:000000000000:slow',
    })
  })

  test('that do not exist refuse a message', async () => {
    await expect(services.sendMessage('other', 'x')).rejects.toThrow(
      /^SQS SendMessage was refused: 400 .*QueueDoesNotExist/,
    )
  })

  test('with attributes that SQS refuses leave nothing running', async () => {
    const queues = [{ name: 'q', attributes: { VisibilityTimeout: '-1' } }]
    const first = await startS3AndSqs({})
    const port = Number(new URL(first.endpoint).port)
    await first.close()
    await expect(startS3AndSqs({ queues, port })).rejects.toThrow(/^SQS CreateQueue was refused: 400/)
    const again = await startS3AndSqs({ port })
    await again.close()
  })

  test('that a client makes can be used like the others', async () => {
    const own = await startS3AndSqs({})
    const ownSqs = new SQSClient({
      endpoint: own.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    })
    const { QueueUrl } = await ownSqs.send(new CreateQueueCommand({ QueueName: 'made' }))
    await ownSqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello' }))
    await expect(own.sendMessage('made', 'hello')).resolves.toBeUndefined()
    ownSqs.destroy()
    await own.close()
  })
})

test('it closes while a client keeps its connection', async () => {
  const short = await startS3AndSqs({ buckets: ['b'] })
  const response = await fetch(`${short.endpoint}/b?list-type=2`, { headers: { connection: 'keep-alive' } })
  expect(await response.text()).toContain('<ListBucketResult')
  await short.close()
  await expect(fetch(short.endpoint)).rejects.toThrow('fetch failed')
})

test('a process that serves and closes it ends by itself and has only its own words on stdout', async () => {
  const script = `
    import { startS3AndSqs } from './local/services/s3-and-sqs.ts'
    const services = await startS3AndSqs({ buckets: ['b'], queues: [{ name: 'q' }] })
    const response = await fetch(services.endpoint + '/b/missing')
    await response.text()
    await services.close()
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
