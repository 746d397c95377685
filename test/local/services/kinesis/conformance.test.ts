import {
  DeleteStreamCommand,
  DescribeStreamSummaryCommand,
  KinesisClient,
  ListStreamsCommand,
} from '@aws-sdk/client-kinesis'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startKinesisServer } from '../../../../local/services/kinesis/server.ts'
import { KinesisStreams } from '../../../../local/services/kinesis/streams.ts'
import { type Scene, scripts } from './conformance-scripts.ts'
import { type Differences, type Exchange, recordExchanges } from './exchanges.ts'
import { startKinesisMock } from './start-kinesis-mock.ts'
import { ACCOUNT_ID, REGION } from './start-test-kinesis.ts'

/**
 * Where kinesis-mock 0.6.2 differs from what AWS documents or is seen to do, we do as AWS.
 *
 * What follows is not played, because the servers would go on from different states or fail in different ways.
 * kinesis-mock takes what AWS refuses: a hash key outside the range in SplitShard, no key in RemoveTagsFromStream, no
 * record in PutRecords, a number of no stream in GetShardIterator. It fails where AWS refuses: a page token, iterator or
 * hash key that is none. It takes a missing member for a SerializationException and no shards for a
 * LimitExceededException. It refuses to split or merge closed shards with a ResourceInUseException, and too large steps
 * of UpdateShardCount with an InvalidArgumentException. For AT_TRIM_HORIZON it lists children too, where only those
 * shards were open that the stream began with. Hash keys are compared up to rounding, because it cuts 2^128 - 1 of them
 * instead of 2^128 into equal ranges.
 */
const differences: Differences = {
  members: new Set([
    // Is not in the answers that AWS shows for streams that are not encrypted.
    'PutRecord.EncryptionType',
    'PutRecords.EncryptionType',
    'GetRecords.Records.EncryptionType',
    // Is the time to the newest record, where AWS counts to the present.
    'GetRecords.MillisBehindLatest',
    // Are missing; they are newer.
    'DescribeStreamSummary.StreamDescriptionSummary.MaxRecordSizeInKiB',
    'ListStreams.StreamSummaries',
    'ListStreams.NextToken',
    'UpdateShardCount.StreamARN',
  ]),
  // AWS has one for a member outside its bounds and another for arguments that do not fit the stream.
  errors: new Map([['ValidationException', 'InvalidArgumentException']]),
}

interface TestedServer {
  readonly endpoint: string
  close(): Promise<void>
}

let ours: TestedServer
let oracle: TestedServer

beforeAll(async () => {
  const streams = new KinesisStreams({ region: REGION, accountId: ACCOUNT_ID, nowMs: () => Date.now() })
  ;[ours, oracle] = await Promise.all([startKinesisServer(streams), startKinesisMock(REGION, ACCOUNT_ID)])
})
afterAll(() => Promise.all([ours.close(), oracle.close()]))

afterEach(async () => {
  for (const { endpoint } of [ours, oracle]) {
    const client = newClient(endpoint)
    const { StreamNames = [] } = await client.send(new ListStreamsCommand({}))
    for (const StreamName of StreamNames) {
      await client.send(new DeleteStreamCommand({ StreamName }))
      while ((await statusOf(client, StreamName)) !== 'ResourceNotFoundException');
    }
    client.destroy()
  }
})

test.each(Object.entries(scripts))('%s', async (_name, play) => {
  const [own, expected] = await Promise.all([exchangesOf(ours, play), exchangesOf(oracle, play)])
  expect(expected).not.toEqual([])
  expect(own).toEqual(expected)
})

async function exchangesOf(
  { endpoint }: TestedServer,
  play: (scene: Scene) => Promise<void>,
): Promise<readonly Exchange[]> {
  const [client, watcher] = [newClient(endpoint), newClient(endpoint)]
  const exchanges = recordExchanges(client, differences)
  const isActive = async (name: string): Promise<void> => {
    while ((await statusOf(watcher, name)) !== 'ACTIVE');
  }
  await play({ client, isActive })
  client.destroy()
  watcher.destroy()
  return exchanges
}

/** The stream's status, or the error of the question for it. */
async function statusOf(client: KinesisClient, StreamName: string): Promise<string | undefined> {
  try {
    const { StreamDescriptionSummary } = await client.send(new DescribeStreamSummaryCommand({ StreamName }))
    return StreamDescriptionSummary?.StreamStatus
  } catch (error) {
    return error instanceof Error ? error.name : String(error)
  }
}

function newClient(endpoint: string): KinesisClient {
  return new KinesisClient({
    endpoint,
    region: REGION,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
    // kinesis-mock does not speak HTTP/2 without TLS.
    requestHandler: new NodeHttpHandler(),
  })
}
