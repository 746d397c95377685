import { buildApp } from 'fauxqs'

/** All queues are of this account, as fauxqs has it. */
const accountId = '000000000000'

/** A queue that exists from the start. */
export interface LocalQueue {
  readonly name: string
  /** As SQS names them, such as `VisibilityTimeout`; its defaults unless set. */
  readonly attributes?: Readonly<Record<string, string>>
}

/** What {@link startS3AndSqs} needs. */
export interface S3AndSqsOptions {
  /** Names of the buckets that exist from the start. */
  readonly buckets?: readonly string[]
  readonly queues?: readonly LocalQueue[]
  /** Default: any free port. */
  readonly port?: number
}

/** An object to store. */
export interface NewObject {
  readonly bucket: string
  readonly key: string
  readonly body: string
  readonly contentType: string
}

/** A running S3 and SQS on 127.0.0.1. */
export interface S3AndSqs {
  /**
   * Of both services, such as `http://127.0.0.1:40123`. Clients address buckets by path there, without being told to.
   * A queue's URL is `<endpoint>/000000000000/<name>`.
   */
  readonly endpoint: string
  /** @throws Error if the bucket does not exist or the object is too large */
  putObject(object: NewObject): Promise<void>
  /** @throws Error if the queue does not exist or the message is none that SQS takes */
  sendMessage(queue: string, body: string): Promise<void>
  /** Resolves when the port is free; connections still open are cut. */
  close(): Promise<void>
}

type App = ReturnType<typeof buildApp>

/**
 * Serves S3 and SQS from memory with fauxqs, which writes no log; one request carries at most 11 MiB. Both are of the
 * region us-east-1.
 */
export async function startS3AndSqs({
  buckets = [],
  queues = [],
  port = 0,
}: S3AndSqsOptions): Promise<S3AndSqs> {
  // Not startFauxqs(): that one listens on every interface of the machine.
  const app = buildApp({ logger: false })
  translateQueueUrls(app)
  const endpoint = await app.listen({ port, host: '127.0.0.1' })
  const { host } = new URL(endpoint)

  const requestSqs = async (action: string, input: object): Promise<void> => {
    const { statusCode, body } = await app.inject({
      method: 'POST',
      url: '/',
      headers: { host, 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${action}` },
      payload: JSON.stringify(input),
    })
    if (statusCode !== 200) throw new Error(`SQS ${action} was refused: ${statusCode} ${body}`)
  }
  const putToS3 = async (path: string, body = '', contentType = 'application/xml'): Promise<void> => {
    const url = path.split('/').map(encodeURIComponent).join('/')
    const headers = { host, 'content-type': contentType }
    const answer = await app.inject({ method: 'PUT', url: `/${url}`, headers, payload: body })
    if (answer.statusCode !== 200)
      throw new Error(`${path} was not put into S3: ${answer.statusCode} ${inOneLine(answer.body)}`)
  }

  try {
    for (const bucket of buckets) await putToS3(bucket)
    for (const { name, attributes } of queues)
      await requestSqs('CreateQueue', { QueueName: name, Attributes: attributes })
  } catch (error) {
    await app.close()
    throw error
  }
  return {
    endpoint,
    putObject: ({ bucket, key, body, contentType }) => putToS3(`${bucket}/${key}`, body, contentType),
    sendMessage: (queue, body) =>
      requestSqs('SendMessage', { QueueUrl: `${endpoint}/${accountId}/${queue}`, MessageBody: body }),
    close: () => app.close(),
  }
}

function inOneLine(xml: string): string {
  return xml.replaceAll(/\s+/g, ' ')
}

/**
 * Names queues by the endpoint that the client has. fauxqs names them by a host below `localhost` that not every system
 * finds, and takes no other name; the AWS SDK sends what is for a queue to the host in the queue's URL.
 */
function translateQueueUrls(app: App): void {
  app.addHook('preHandler', ({ body, host }, _reply, done) => {
    const port = host.split(':')[1] ?? '80'
    mapQueueUrls(body, (url) => url.replace(/^https?:\/\/[^/]+/, `http://sqs.us-east-1.localhost:${port}`))
    done()
  })
  app.addHook('preSerialization', ({ host }, _reply, payload, done) => {
    mapQueueUrls(payload, (url) => url.replace(/^http:\/\/sqs\.us-east-1\.localhost:\d+/, `http://${host}`))
    done(null, payload)
  })
}

function mapQueueUrls(message: unknown, map: (url: string) => string): void {
  if (typeof message !== 'object' || message === null) return
  if ('QueueUrl' in message && typeof message.QueueUrl === 'string') message.QueueUrl = map(message.QueueUrl)
  if ('QueueUrls' in message && Array.isArray(message.QueueUrls))
    message.QueueUrls = message.QueueUrls.map((url) => map(String(url)))
}
