import { connect, type ClientHttp2Session } from 'node:http2'
import { text } from 'node:stream/consumers'
import { CreateStreamCommand, KinesisClient, ListStreamsCommand } from '@aws-sdk/client-kinesis'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kinesisOperations } from '../../../../local/services/kinesis/server.ts'
import { KinesisStreams } from '../../../../local/services/kinesis/streams.ts'
import { ACCOUNT_ID, REGION, startTestKinesis } from './start-test-kinesis.ts'

let kinesis: Awaited<ReturnType<typeof startTestKinesis>>
let http2: ClientHttp2Session

beforeAll(async () => {
  kinesis = await startTestKinesis()
  http2 = connect(kinesis.endpoint)
})
afterAll(async () => {
  http2.destroy()
  await kinesis.close()
})

async function overHttp1(operation: string, body: string): Promise<unknown> {
  const headers = { 'x-amz-target': `Kinesis_20131202.${operation}` }
  return (await fetch(kinesis.endpoint, { method: 'POST', headers, body })).json()
}

async function overHttp2(operation: string, body: string): Promise<unknown> {
  const stream = http2.request({ ':method': 'POST', 'x-amz-target': `Kinesis_20131202.${operation}` })
  stream.end(body)
  return JSON.parse(await text(stream)) as unknown
}

test.each([
  ['HTTP/1.1', overHttp1],
  ['HTTP/2', overHttp2],
])('over %s, on the one port, a stream is made, written, read, split and deleted', async (protocol, call) => {
  const StreamName = protocol.replace('/', '-')
  const operation = async (name: string, input: object) =>
    (await call(name, JSON.stringify({ StreamName, ...input }))) as Record<string, unknown>
  const ShardId = 'shardId-000000000000'
  await operation('CreateStream', { ShardCount: 1 })
  await operation('PutRecord', { PartitionKey: 'key', Data: 'YQ==' })
  await operation('SplitShard', { ShardToSplit: ShardId, NewStartingHashKey: '5' })
  const iterator = await operation('GetShardIterator', { ShardId, ShardIteratorType: 'TRIM_HORIZON' })
  expect(await operation('GetRecords', iterator)).toMatchObject({
    Records: [{ PartitionKey: 'key', Data: 'YQ==' }],
    ChildShards: [{ ParentShards: [ShardId] }, { ParentShards: [ShardId] }],
  })
  await operation('DeleteStream', {})
  expect(await operation('DescribeStream', {})).toMatchObject({ __type: 'ResourceNotFoundException' })
})

test('the SDK’s client works as it comes, over HTTP/2, and with the handler of HTTP/1.1', async () => {
  const client = new KinesisClient({
    endpoint: kinesis.endpoint,
    region: REGION,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestHandler: new NodeHttpHandler(),
  })
  expect(kinesis.client.config.requestHandler.metadata?.handlerProtocol).toBe('h2')
  expect(client.config.requestHandler.metadata?.handlerProtocol).toBe('http/1.1')
  await client.send(new CreateStreamCommand({ StreamName: 'sdk', ShardCount: 1 }))
  for (const either of [kinesis.client, client]) {
    expect((await either.send(new ListStreamsCommand({}))).StreamNames).toEqual(['sdk'])
  }
  client.destroy()
})

test('operations work within the process too, and what a caller’s input has besides is no matter', () => {
  const streams = new KinesisStreams({ region: REGION, accountId: ACCOUNT_ID, nowMs: () => 1 })
  const { CreateStream, ListStreams } = kinesisOperations(streams)
  expect(CreateStream?.({ StreamName: 'flights', ShardCount: 1, Other: 1 })).toEqual({})
  expect(ListStreams?.({})).toMatchObject({ StreamNames: ['flights'], HasMoreStreams: false })
  expect(() => CreateStream?.({ StreamName: 'flights', ShardCount: 1 })).toThrow('already exists')
})
