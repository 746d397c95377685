import { PutRecordCommand } from '@aws-sdk/client-kinesis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bytes, START_MS, startTestKinesis } from './start-test-kinesis.ts'

let kinesis: Awaited<ReturnType<typeof startTestKinesis>>

beforeAll(async () => {
  kinesis = await startTestKinesis()
  kinesis.streams.create('flights', { shardCount: 2 })
})
afterAll(() => kinesis.close())

test('the record is in the stream as it was sent, under the sequence number that was answered', async () => {
  const stream = kinesis.streams.get('flights')
  const { ShardId, SequenceNumber } = await kinesis.client.send(
    new PutRecordCommand({ StreamARN: stream.arn, PartitionKey: 'b', Data: bytes('ü\0') }),
  )
  expect(ShardId).toBe('shardId-000000000001')
  const [record] = stream.shard('shardId-000000000001').records
  expect(record).toMatchObject({ sequenceNumber: SequenceNumber, partitionKey: 'b', arrivalMs: START_MS })
  expect(new Uint8Array(record?.data ?? [])).toEqual(bytes('ü\0'))
})

test('an explicit hash key overrides the partition key', async () => {
  const input = { StreamName: 'flights', PartitionKey: 'b', Data: bytes('x') }
  const explicit = await kinesis.client.send(new PutRecordCommand({ ...input, ExplicitHashKey: '0' }))
  const hashed = await kinesis.client.send(new PutRecordCommand(input))
  expect([explicit.ShardId, hashed.ShardId]).toEqual(['shardId-000000000000', 'shardId-000000000001'])
})

test.each([
  ['an unknown stream', 'ResourceNotFoundException', { StreamName: 'other' }],
  ['no stream', 'InvalidArgumentException', { StreamName: undefined }],
  ['a hash key of 2^128', 'InvalidArgumentException', { ExplicitHashKey: String(2n ** 128n) }],
  ['a negative hash key', 'ValidationException', { ExplicitHashKey: '-1' }],
  ['an empty key', 'ValidationException', { PartitionKey: '' }],
  ['a key of 257 characters', 'ValidationException', { PartitionKey: 'a'.repeat(257) }],
  ['no key', 'ValidationException', { PartitionKey: undefined }],
  ['a byte over 1 MiB', 'ValidationException', { Data: new Uint8Array(1024 * 1024) }],
  ['a dry run', 'ValidationException', { DryRun: true }],
])('%s is refused with %s and nothing is written', async (_name, code, wrong) => {
  const { shards } = kinesis.streams.get('flights')
  const before = shards.map(({ records }) => records.length)
  const input = { StreamName: 'flights', PartitionKey: 'a', Data: bytes('x'), ...wrong }
  await expect(kinesis.client.send(new PutRecordCommand(input))).rejects.toMatchObject({
    name: code,
    $metadata: { httpStatusCode: 400 },
  })
  expect(shards.map(({ records }) => records.length)).toEqual(before)
})

test.each([
  ['the largest hash key', { ExplicitHashKey: String(2n ** 128n - 1n) }],
  ['the longest key', { PartitionKey: 'a'.repeat(256) }],
  ['the largest record, its key included', { Data: new Uint8Array(1024 * 1024 - 1) }],
  ['no data', { Data: new Uint8Array() }],
])('%s is taken', async (_name, limit) => {
  const input = { StreamName: 'flights', PartitionKey: 'a', Data: bytes('x'), ...limit }
  await expect(kinesis.client.send(new PutRecordCommand(input))).resolves.toHaveProperty('SequenceNumber')
})

test.each([
  ['data that is not base64', { Data: 'a#==' }],
  ['data without its padding', { Data: 'YQ' }],
  ['a key that is a number', { PartitionKey: 1 }],
])('%s is a serialization error', async (_name, wrong) => {
  const response = await fetch(kinesis.endpoint, {
    method: 'POST',
    headers: { 'x-amz-target': 'Kinesis_20131202.PutRecord' },
    body: JSON.stringify({ StreamName: 'flights', PartitionKey: 'a', Data: '', ...wrong }),
  })
  expect(await response.json()).toMatchObject({ __type: 'SerializationException' })
})

test('a refused record fails the request: throttling with 400, an internal failure with 500', async () => {
  kinesis.streams.create('throttled', { shardCount: 1, limits: true })
  kinesis.streams.create('broken', { shardCount: 1, failRecord: (count) => count === 1 })
  const put = (StreamName: string, dataBytes: number) =>
    kinesis.client.send(
      new PutRecordCommand({ StreamName, PartitionKey: 'a', Data: new Uint8Array(dataBytes) }),
    )
  await put('throttled', 1024 * 1024 - 1)
  await expect(put('throttled', 1)).rejects.toMatchObject({
    name: 'ProvisionedThroughputExceededException',
    $metadata: { httpStatusCode: 400 },
  })
  await put('broken', 1)
  await expect(put('broken', 1)).rejects.toMatchObject({
    name: 'InternalFailure',
    $metadata: { httpStatusCode: 500 },
  })
})
