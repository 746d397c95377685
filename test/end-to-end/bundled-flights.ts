import { randomUUID } from 'node:crypto'
import { GetObjectCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3'
import { CredentialProvider } from '@gomomento/sdk'
import { momentoCellStore } from '../../consumers/adapters/momento-cell-store.ts'
import { MomentoClients } from '../../consumers/adapters/momento-clients.ts'
import { cellAddress } from '../../consumers/engine/cell.ts'
import { read, type Row } from '../../consumers/engine/read.ts'
import { startOf } from '../../consumers/engine/windows.ts'
import type { Flight } from '../../consumers/flights/event.ts'
import { flights } from '../../consumers/flights/pipeline.ts'
import { environmentVariable } from '../../consumers/settings.ts'
import { readAssembly } from '../../local/deploy/assembly.ts'
import { planDeployment } from '../../local/deploy/plan.ts'
import type { FunctionConfiguration } from '../../local/lambda/function-configuration.ts'
import { LambdaFunction } from '../../local/lambda/lambda-function.ts'
import { startMomento } from '../../local/momento/server.ts'
import { startS3AndSqs } from '../../local/services/s3-and-sqs.ts'
import { startSecretsManager } from '../../local/services/secrets-manager.ts'
import { synthesise } from '../../local/synthesise.ts'

const region = 'eu-west-1'
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }

/** What one invocation answered, and the lines of the objects that it put into the bucket. */
export interface Invoked {
  readonly answer: unknown
  readonly objects: readonly { readonly key: string; readonly rejects: readonly unknown[] }[]
}

/**
 * The bundled flights function of the synthesised template beside local Momento, S3 and Secrets Manager, invoked by
 * hand: no stream, no mapping.
 */
export interface BundledFlights {
  /** Everything that it wrote to stdout and stderr so far, metrics included; all of it once closed. */
  readonly lines: readonly string[]
  /** Invokes it with an event. */
  invoke(event: unknown): Promise<Invoked>
  /** The rows of a grouping's key in the window of `at`. */
  read(
    grouping: 'origin' | 'route',
    key: string | readonly string[] | undefined,
    at: number,
  ): Promise<readonly Row<string, unknown>[]>
  /** The bytes of the cells of the pane of `at`, as they are stored. */
  cells(at: number): Promise<readonly Uint8Array[]>
  coldStarts(): number
  /** Ends the function alone, so that all its lines are there. */
  end(): Promise<void>
  close(): Promise<void>
}

/** `adapt` may change what is run, such as by wrapping the code. */
export async function startBundledFlights(
  adapt: (configuration: FunctionConfiguration) => FunctionConfiguration = (configuration) => configuration,
): Promise<BundledFlights> {
  const closers: (() => Promise<void> | void)[] = []
  const close = async (): Promise<void> => {
    for (const closeNext of closers.splice(0).toReversed()) await closeNext()
  }
  try {
    const app = await synthesise()
    closers.push(() => app.remove())
    const plan = planDeployment(await readAssembly(app.directory))
    const configuration = plan.functions.find(
      ({ functionName }) => functionName === plan.outputs['FlightsFunctionName'],
    )
    if (configuration === undefined) throw new Error('the template has no flights function')
    const setting = (name: string): string => configuration.environment[name] ?? ''
    const cache = setting(environmentVariable.momentoCacheName)
    const bucket = setting(environmentVariable.failedRecordsBucket)

    const momento = await startMomento({ caches: [cache] })
    closers.push(() => momento.close())
    const { hostname, port } = momento
    const secretString = JSON.stringify({ momentoLocal: { hostname, port } })
    const secrets = new Map([
      [setting(environmentVariable.momentoSecretArn), { name: 'momento', secretString }],
    ])
    const secretsManager = await startSecretsManager({ secrets })
    closers.push(() => secretsManager.close())
    const s3 = await startS3AndSqs({ buckets: [bucket] })
    closers.push(() => s3.close())

    const lines: string[] = []
    const lambda = new LambdaFunction(adapt(configuration), {
      onLog: ({ text }) => lines.push(text),
      extraEnvironment: {
        AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.endpoint,
        AWS_ENDPOINT_URL_S3: s3.endpoint,
        AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      },
    })
    closers.push(() => lambda.close())
    const s3Client = new S3Client({ endpoint: s3.endpoint, region, credentials })
    closers.push(() => s3Client.destroy())
    const clients = new MomentoClients(async () => CredentialProvider.forMomentoLocal({ hostname, port }))
    closers.push(() => clients.close())

    return {
      lines,
      async invoke(event) {
        const requestId = randomUUID()
        const result = await lambda.invoke(typeof event === 'string' ? event : JSON.stringify(event), {
          requestId,
        })
        const answer: unknown =
          result.outcome === 'throttled' ? result.outcome : (JSON.parse(result.payload) as unknown)
        return { answer, objects: await objectsOf(s3Client, bucket, requestId) }
      },
      async read(grouping, key, at) {
        const { rows } = await read(
          flights,
          momentoCellStore(clients, cache),
          { nowMs: () => Date.now() },
          { grouping, ...(key !== undefined && { key }), from: at, to: at + 1, consistency: 'consistent' },
        )
        return rows
      },
      async cells(at) {
        const store = momentoCellStore(clients, cache)
        const paneStartMs = startOf(at, flights.window.paneMs)
        const addresses = Array.from({ length: flights.buckets }, (_, bucketIndex) =>
          cellAddress(flights, paneStartMs, bucketIndex),
        )
        const stored = await Promise.all(addresses.map((address) => store.read(address, 'consistent')))
        return stored.flatMap((cell) => cell?.bytes ?? [])
      },
      coldStarts: () => lambda.stats().coldStarts,
      end: () => lambda.close(),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function objectsOf(client: S3Client, bucket: string, requestId: string): Promise<Invoked['objects']> {
  const objects: Invoked['objects'][number][] = []
  for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket: bucket })) {
    for (const { Key: key = '' } of Contents.filter((object) => object.Key?.includes(requestId))) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
      const text = (await Body?.transformToString()) ?? ''
      const rejects = text
        .split('\n')
        .filter((line) => line !== '')
        .map((line): unknown => JSON.parse(line))
      objects.push({ key, rejects })
    }
  }
  return objects
}

/** A departure as its producer would send it. */
export function flight(fields: Partial<Flight> & Pick<Flight, 'flightId' | 'sentAt'>): Flight {
  return { origin: 'JFK', destination: 'LAX', distance: 2_475, delay: 0, ...fields }
}

/** A record of that payload as a Kinesis event source mapping delivers it. */
export function kinesisRecord(
  payload: Uint8Array | string,
  {
    sequenceNumber,
    arrivalMs,
    partitionKey = 'JFK',
  }: { readonly sequenceNumber: string; readonly arrivalMs: number; readonly partitionKey?: string },
): Readonly<Record<string, unknown>> {
  return {
    kinesis: {
      kinesisSchemaVersion: '1.0',
      partitionKey,
      sequenceNumber,
      data: Buffer.from(payload).toString('base64'),
      approximateArrivalTimestamp: arrivalMs / 1_000,
    },
    eventSource: 'aws:kinesis',
    eventVersion: '1.0',
    eventID: `${shard}:${sequenceNumber}`,
    eventName: 'aws:kinesis:record',
    invokeIdentityArn: 'arn:aws:iam::123456789012:role/flights',
    awsRegion: region,
    eventSourceARN: streamArn,
  }
}

export const streamArn = `arn:aws:kinesis:${region}:123456789012:stream/flights`
export const shard = 'shardId-000000000000'
