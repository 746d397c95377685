import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis'
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { serveStack } from '../../demo/serve.ts'
import { type LocalStack, startLocalStack } from '../../local/main.ts'
import { type SynthesisedApp, synthesise } from '../../local/synthesise.ts'
import { outcome, quietClient } from '../local/momento/quiet-client.ts'

const recordCount = 50

/** What is printed for scripts. */
interface Announcement {
  readonly streams: Readonly<Record<string, string>>
  readonly buckets: Readonly<Record<string, string>>
  readonly functions: Readonly<Record<string, string>>
  readonly queues: Readonly<Record<string, string>>
  readonly environment: Readonly<Record<string, string>>
}

const interruption = new AbortController()
const logged: string[] = []
const notices: string[] = []
const printed: string[] = []
let temporary: string
let app: SynthesisedApp
let stack: LocalStack
let served: Promise<void>

beforeAll(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'any-app-test-'))
  vi.stubEnv('TMPDIR', temporary)
  app = await synthesise({ app: 'node --import tsx test/end-to-end/fixtures/two-stacks.ts' })
  stack = await startLocalStack({
    assemblyDirectory: app.directory,
    onLog: ({ text }) => void logged.push(text),
    onNotice: (text) => void notices.push(text),
    logDirectory: join(temporary, 'logs'),
  })
  vi.spyOn(console, 'log').mockImplementation((text) => void printed.push(String(text)))
  served = serveStack(stack, interruption.signal)
  // All that the clients below know is what a script can read and export.
  for (const [name, value] of Object.entries(announcement().environment)) vi.stubEnv(name, value)
})

afterAll(async () => {
  await stack.close()
  await app.remove()
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  await rm(temporary, { recursive: true })
})

test('functions of another app, CommonJS and ES module, each see every record of a stream in another stack', async () => {
  const { streams } = announcement()
  const sent = Array.from({ length: recordCount }, (_, index) => `reading ${index}`)
  const kinesis = new KinesisClient()
  const Records = sent.map((reading) => ({ PartitionKey: reading, Data: Buffer.from(reading) }))
  await kinesis.send(new PutRecordsCommand({ StreamName: streams['ReadingsName'], Records }))
  kinesis.destroy()
  await stack.drained()

  const seen = await objectsSeen()
  const seenBy = (folder: string): string[] =>
    seen.filter(({ key }) => key.startsWith(`${folder}/`)).map(({ text }) => text)
  expect(seenBy('common-js').toSorted()).toEqual(sent.toSorted())
  expect(seenBy('es-module').toSorted()).toEqual(sent.toSorted())
  expect(seen).toHaveLength(2 * recordCount)
})

test('a function reaches a queue by its URL, and a script by its name', async () => {
  const sqs = new SQSClient()
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: announcement().queues['ToldUrl'] }))
  expect(QueueUrl).toBe(stack.outputs['ToldUrl'])
  const AttributeNames = ['ApproximateNumberOfMessages' as const]
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }))
  expect(Attributes).toEqual({ ApproximateNumberOfMessages: String(recordCount) })
  sqs.destroy()
})

test('a secret that CloudFormation generates has a value', () => {
  expect(logged).toContain('the secret has 32 characters')
})

test('each function has a log group with its lines and the platform’s, which are not passed on', async () => {
  const logs = new CloudWatchLogsClient()
  const { logGroups = [] } = await logs.send(new DescribeLogGroupsCommand())
  expect(logGroups).toHaveLength(stack.functions.size)
  const messages: unknown[] = []
  for (const { logGroupName } of logGroups) {
    const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName }))
    expect(events).toContainEqual(expect.objectContaining({ message: expect.stringMatching(/^REPORT /) }))
    messages.push(...events.map(({ message }) => message))
    const file = join(temporary, 'logs', `${logGroupName?.replaceAll('/', '+')}.log`)
    expect((await readFile(file, 'utf8')).trimEnd().split(/\n(?!\t)/)).toHaveLength(events.length)
  }
  expect(messages).toEqual(expect.arrayContaining(logged))
  expect(logged.filter((text) => /^(INIT_START|START|END|REPORT) /.test(text))).toEqual([])
  logs.destroy()
})

test('of the platform’s lines, reports of what it ended are told, and no others', async () => {
  const [lambda = expect.unreachable()] = stack.functions.values()
  const invoke = () => lambda.invoke('{"Records":[]}')
  expect(await invoke()).toMatchObject({ outcome: 'answered' })
  lambda.setFaults({ fateOfAnswer: () => 'killed' })
  expect(await invoke()).toMatchObject({ errorType: 'Runtime.ExitError' })
  lambda.setFaults({})
  const { functionName } = lambda.configuration
  expect(notices.filter((text) => text.includes('RequestId'))).toEqual([
    expect.stringMatching(
      new RegExp(`^${functionName}: REPORT .*Status: error\tError Type: Runtime.ExitError$`),
    ),
  ])
})

test('each function has the cache that it names, and a secret of its own that leads there', async () => {
  const secretsManager = new SecretsManagerClient()
  const { hostname, port } = stack.momento
  for (const output of ['CommonJsMomentoArn', 'EsModuleMomentoArn']) {
    const SecretId = stack.outputs[output]
    const { SecretString = '' } = await secretsManager.send(new GetSecretValueCommand({ SecretId }))
    expect(JSON.parse(SecretString)).toEqual({ momentoLocal: { hostname, port } })
  }
  secretsManager.destroy()
  const cacheClient = quietClient({ hostname, port })
  const write = async (cache: string) => outcome(await cacheClient.set(cache, 'key', 'value'))
  expect(await write('common-js')).toBe('Success')
  expect(await write('es-module')).toBe('Success')
  // The control: nobody names this one.
  expect(await write('other')).toBe('NOT_FOUND_ERROR')
  cacheClient.close()
})

test('an idle stack prints one line, which names everything, until it is interrupted', async () => {
  expect(Object.keys(announcement())).toEqual([
    'endpoints',
    'streams',
    'tables',
    'buckets',
    'functions',
    'queues',
    'environment',
  ])
  const functionIds = Object.keys(announcement().functions)
  expect(functionIds).toEqual([expect.stringMatching(/^CommonJs/), expect.stringMatching(/^EsModule/)])
  interruption.abort()
  await served
  expect(printed).toHaveLength(1)
})

test('an app whose code is gone is refused, and nothing is left behind', async () => {
  const before = await leftBehind()
  const assets = (await readdir(app.directory)).filter((name) => name.startsWith('asset.'))
  expect(assets).toHaveLength(2)
  for (const asset of assets) await rm(join(app.directory, asset), { recursive: true })
  const refused = startLocalStack({
    assemblyDirectory: app.directory,
    onLog: () => undefined,
    onNotice: () => undefined,
  })
  await expect(refused).rejects.toThrow(/^the code of a function is not there: .*asset\.[0-9a-f]+$/)
  expect(await leftBehind()).toEqual(before)
})

test('a stack that ends leaves nothing behind', async () => {
  // The control: its code and its assembly are there.
  expect(await leftBehind()).toHaveLength(2)
  await stack.close()
  await app.remove()
  expect(await leftBehind()).toEqual([])
})

function announcement(): Announcement {
  return JSON.parse(printed[0] ?? '') as Announcement
}

async function objectsSeen(): Promise<{ key: string; text: string }[]> {
  const s3 = new S3Client()
  const Bucket = announcement().buckets['SeenName']
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }))
  const objects = await Promise.all(
    Contents.map(async ({ Key = '' }) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }))
      return { key: Key, text: (await Body?.transformToString()) ?? '' }
    }),
  )
  s3.destroy()
  return objects
}

/** But for the cache of what runs TypeScript, and the logs, which are to stay. */
async function leftBehind(): Promise<string[]> {
  return (await readdir(temporary)).filter((name) => !name.startsWith('tsx-') && name !== 'logs')
}
