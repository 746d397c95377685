import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import type { Context } from 'aws-lambda'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { lambdaHandler } from '../../../consumers/adapters/lambda-handler.ts'
import { momentoCellStore } from '../../../consumers/adapters/momento-cell-store.ts'
import { read } from '../../../consumers/engine/read.ts'
import { kinesisRecords } from '../../../consumers/sources/kinesis.ts'
import type { MomentoServer } from '../../../local/momento/server.ts'
import { startS3AndSqs } from '../../../local/services/s3-and-sqs.ts'
import { type LocalSecret, startSecretsManager } from '../../../local/services/secrets-manager.ts'
import { type Departure, departure, departures, position } from '../engine/departures.ts'
import { stubAwsEnvironment } from './aws-environment.ts'
import { cacheName, useClients, useMomentoServer } from './local-momento.ts'

const secretArn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:momento-AbCdEf'
const secrets = new Map<string, LocalSecret>()

let momento: MomentoServer
beforeEach(async () => {
  momento = await useMomentoServer()
  const secretString = JSON.stringify({ momentoLocal: { hostname: '127.0.0.1', port: momento.port } })
  secrets.set(secretArn, { name: 'momento', secretString })
  const secretsManager = await startSecretsManager({ secrets })
  onTestFinished(() => secretsManager.close())
  const s3 = await startS3AndSqs({ buckets: ['failed'] })
  onTestFinished(() => s3.close())
  stubAwsEnvironment({ secretsManager: secretsManager.endpoint, s3: s3.endpoint })
  vi.stubEnv('MOMENTO_SECRET_ARN', secretArn)
  vi.stubEnv('MOMENTO_CACHE_NAME', cacheName)
  vi.stubEnv('FAILED_RECORDS_BUCKET', 'failed')
  vi.stubEnv('METRICS_NAMESPACE', 'shop')
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  vi.spyOn(console, 'error').mockReturnValue(undefined)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
})

const now = Date.now()

/** An event of a mapping with these payloads, numbered from 1. */
function event(...payloads: readonly unknown[]): unknown {
  return {
    Records: payloads.map((payload, index) => ({
      eventSource: 'aws:kinesis',
      eventSourceARN: position.stream,
      eventID: `${position.shard}:${index + 1}`,
      kinesis: {
        sequenceNumber: String(index + 1),
        partitionKey: 'JFK',
        data: Buffer.from(JSON.stringify(payload)).toString('base64'),
        approximateArrivalTimestamp: now / 1_000,
      },
    })),
  }
}

function context(timeoutMs = 10_000): Context {
  const endMs = performance.now() + timeoutMs
  const fields: Partial<Context> = {
    awsRequestId: 'request-1',
    getRemainingTimeInMillis: () => endMs - performance.now(),
  }
  return fields as Context
}

function fresh(fields: Partial<Departure>): Departure {
  return departure({ at: now, ...fields })
}

async function countedAt(server: MomentoServer): Promise<unknown[]> {
  const clock = { nowMs: () => now }
  const store = momentoCellStore(useClients(server), cacheName)
  const { rows } = await read(departures, store, clock, {
    grouping: 'origin',
    key: 'JFK',
    from: now,
    to: now + 1,
  })
  return rows.map(({ values }) => values.departures)
}

describe('a handler', () => {
  test('connects while it is set up, counts a batch and reports nothing to deliver again', async () => {
    const handler = await lambdaHandler(departures, kinesisRecords)
    expect(momento.counters()).toMatchObject({ connections: 1, requests: 0 })
    const batch = event(fresh({ id: 'a' }), fresh({ id: 'b' }), fresh({ id: 'a' }))
    await expect(handler(batch, context())).resolves.toEqual({ batchItemFailures: [] })
    await expect(handler(batch, context())).resolves.toEqual({ batchItemFailures: [] })
    expect(momento.counters().connections).toBe(1)
    expect(await countedAt(momento)).toEqual([2])
  })

  test('reports every batch with what it asked of Momento', async () => {
    const stdout = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
    const handler = await lambdaHandler(departures, kinesisRecords)
    await handler(event(fresh({ id: 'a' }), 'nonsense'), context())
    await handler(event(fresh({ id: 'b' })), context())
    const lines = stdout.mock.calls.map(([line]): unknown => JSON.parse(String(line)))
    const positive: unknown = expect.toSatisfy((value: number) => value > 0)
    const requests = { StoreLatency: expect.anything() as unknown, StoreBytesWritten: positive }
    expect(lines).toMatchObject([
      { Records: 2, Counted: 1, Rejected: 1, Invalid: 1, StoreRequests: 2, ColdStarts: 1, ...requests },
      { Records: 1, Counted: 1, Rejected: 0, StoreRequests: 1, ColdStarts: 0, ...requests },
    ])
  })

  test('writes rejected records under its request, and is done with them', async () => {
    const handler = await lambdaHandler(departures, kinesisRecords)
    await expect(handler(event('nonsense', fresh({ id: 'a' })), context())).resolves.toEqual({
      batchItemFailures: [],
    })
    const client = new S3Client({})
    onTestFinished(() => client.destroy())
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: 'failed' }))
    expect(Contents).toHaveLength(1)
    const Key = Contents[0]?.Key ?? ''
    expect(Key).toMatch(/^rejected\/departures\/.*\/request-1-/)
    const { Body } = await client.send(new GetObjectCommand({ Bucket: 'failed', Key }))
    expect(JSON.parse((await Body?.transformToString()) ?? '')).toMatchObject({
      reason: 'wrong-shape',
      position: { sequenceNumber: '1' },
    })
  })

  test('reports the first unfinished record, from which the mapping delivers again', async () => {
    const handler = await lambdaHandler(departures, kinesisRecords)
    momento.setFaults({ refuseRate: 1 })
    const batch = event('nonsense', fresh({ id: 'a' }), fresh({ id: 'b' }))
    await expect(handler(batch, context(4_800))).resolves.toEqual({
      batchItemFailures: [{ itemIdentifier: '2' }],
    })
    momento.setFaults({})
    await expect(handler(batch, context())).resolves.toEqual({ batchItemFailures: [] })
    expect(await countedAt(momento)).toEqual([2])
  })

  test('fails as a whole where the unfinished record cannot be named', async () => {
    vi.stubEnv('FAILED_RECORDS_BUCKET', 'missing')
    const handler = await lambdaHandler(departures, kinesisRecords)
    await expect(handler({ Records: ['nonsense'] }, context())).rejects.toThrow('without a sequence number')
    await expect(handler(event('nonsense'), context())).resolves.toEqual({
      batchItemFailures: [{ itemIdentifier: '1' }],
    })
  })

  test('that has no time left touches nothing', async () => {
    const handler = await lambdaHandler(departures, kinesisRecords)
    const batch = event(fresh({ id: 'a' }))
    await expect(handler(batch, context(100))).resolves.toEqual({
      batchItemFailures: [{ itemIdentifier: '1' }],
    })
    expect(momento.counters().requests).toBe(0)
  })
})

describe('setting up', () => {
  test('survives a secret that cannot be had yet, and says so by the error’s name', async () => {
    const secret = secrets.get(secretArn)
    secrets.clear()
    vi.useFakeTimers({ toFake: ['Date'], now })
    const handler = await lambdaHandler(departures, kinesisRecords)
    expect(vi.mocked(console.error).mock.calls.map(([line]): unknown => JSON.parse(String(line)))).toEqual([
      { level: 'WARN', message: 'no connection to Momento yet', error: 'ResourceNotFoundException' },
    ])
    if (secret !== undefined) secrets.set(secretArn, secret)
    vi.setSystemTime(now + 1_000)
    await expect(handler(event(fresh({ id: 'a' })), context())).resolves.toEqual({ batchItemFailures: [] })
  })

  test.each(['MOMENTO_SECRET_ARN', 'MOMENTO_CACHE_NAME', 'FAILED_RECORDS_BUCKET', 'METRICS_NAMESPACE'])(
    'without %s fails and names it',
    async (name) => {
      vi.stubEnv(name, '')
      await expect(lambdaHandler(departures, kinesisRecords)).rejects.toThrow(
        `environment variable ${name} is not set`,
      )
    },
  )
})
