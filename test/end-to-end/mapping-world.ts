import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis'
import { onTestFinished } from 'vitest'
import { systemClock } from '../../local/event-source-mapping/clock.ts'
import { EventSourceMapping, type MappingOptions } from '../../local/event-source-mapping/mapping.ts'
import type { MappingProperties } from '../../local/event-source-mapping/properties.ts'
import { kinesisSource } from '../../local/kinesis-source.ts'
import type { FunctionConfiguration } from '../../local/lambda/function-configuration.ts'
import { kinesisOperations, startKinesisServer } from '../../local/services/kinesis/server.ts'
import { KinesisStreams } from '../../local/services/kinesis/streams.ts'
import { defaultProperties } from '../local/event-source-mapping/default-properties.ts'
import { functionOf } from '../local/lambda/function-fixture.ts'

/** What a record asks of the function, and by what it is known. */
export interface Order {
  readonly id: string
  /** Default: it succeeds. */
  readonly does?: 'throw' | 'report' | 'exit' | 'hang'
  /** Makes the record large. */
  readonly padding?: string
}

/** Logs what it was given, in one line of JSON, and then does what its records ask. */
const handler = `
export const handler = async (event, context) => {
  const orders = event.Records.map(({ kinesis }) => ({
    ...JSON.parse(Buffer.from(kinesis.data, 'base64').toString()),
    sequenceNumber: kinesis.sequenceNumber,
  }))
  console.log(JSON.stringify({ ids: orders.map(({ id }) => id), requestId: context.awsRequestId, atMs: Date.now() }))
  const bad = orders.find(({ does }) => does !== undefined)
  if (bad?.does === 'throw') throw new Error('as ordered')
  if (bad?.does === 'exit') process.exit(1)
  if (bad?.does === 'hang') await new Promise((resolve) => setTimeout(resolve, 60_000))
  if (bad?.does === 'report') return { batchItemFailures: [{ itemIdentifier: bad.sequenceNumber }] }
  if (orders.some(({ id }) => id.startsWith('slow'))) await new Promise((resolve) => setTimeout(resolve, 100))
  return event.window === undefined ? {} : { state: { seen: (event.state.seen ?? 0) + orders.length } }
}`

/** What the function was given in one call. */
export interface Call {
  readonly ids: readonly string[]
  readonly requestId: string
  readonly atMs: number
}

type Others = Partial<Pick<MappingOptions, 'reportFailure' | 'onDiscard'>>

/** A stream behind the real client, a mapping, and a function in processes of its own; all ends with the test. */
export async function startWorld(
  properties: Partial<MappingProperties> = {},
  { shardCount = 1, ...others }: Others & { readonly shardCount?: number } = {},
  configuration: Partial<FunctionConfiguration> = {},
) {
  const streams = new KinesisStreams({
    region: 'eu-west-1',
    accountId: '000000000000',
    nowMs: systemClock.nowMs,
  })
  const { arn: streamArn } = streams.create('orders', { shardCount })
  const server = await startKinesisServer(streams)
  const client = new KinesisClient({
    endpoint: server.endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
  const { lambda, log } = functionOf(handler, configuration)
  const errors: unknown[] = []
  const mapping = new EventSourceMapping({
    source: kinesisSource({
      operations: kinesisOperations(streams),
      streamArn,
      region: 'eu-west-1',
      executionRoleArn: 'arn:aws:iam::000000000000:role/orders',
      nowMs: systemClock.nowMs,
      pollIntervalMs: 20,
    }),
    invoke: (payload, { requestId }) => lambda.invoke(payload, { requestId }),
    properties: { ...defaultProperties, ...properties },
    clock: systemClock,
    random: Math.random,
    onError: (error) => errors.push(error),
    ...others,
  })
  onTestFinished(async () => {
    await mapping.stop()
    client.destroy()
    await server.close()
  })
  return {
    client,
    streamArn,
    lambda,
    mapping,
    errors,
    /** Puts each order under its key, in this order for each. */
    put: async (orders: readonly (Order & { readonly key?: string })[]): Promise<void> => {
      for (let from = 0; from < orders.length; from += 500) {
        const Records = orders.slice(from, from + 500).map(({ key = 'key', ...order }) => ({
          PartitionKey: key,
          Data: Buffer.from(JSON.stringify(order)),
        }))
        const { FailedRecordCount } = await client.send(
          new PutRecordsCommand({ StreamARN: streamArn, Records }),
        )
        if (FailedRecordCount !== 0) throw new Error(`${FailedRecordCount} records were refused`)
      }
    },
    calls: (): Call[] =>
      log.lines.filter(({ text }) => text.startsWith('{"ids"')).map(({ text }) => JSON.parse(text) as Call),
  }
}

/** The batches that the function was given, as ids. */
export function batchesOf({ calls }: { readonly calls: () => Call[] }): (readonly string[])[] {
  return calls().map(({ ids }) => ids)
}
