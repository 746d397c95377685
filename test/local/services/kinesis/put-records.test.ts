import type { PutRecordsRequestEntry } from '@aws-sdk/client-kinesis'
import { PutRecordsCommand } from '@aws-sdk/client-kinesis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ACCOUNT_ID, bytes, startTestKinesis } from './start-test-kinesis.ts'

const MEBIBYTE = 1024 * 1024
let kinesis: Awaited<ReturnType<typeof startTestKinesis>>

beforeAll(async () => {
  kinesis = await startTestKinesis()
})
afterAll(() => kinesis.close())

function put(StreamName: string, Records: PutRecordsRequestEntry[]) {
  return kinesis.client.send(new PutRecordsCommand({ StreamName, Records }))
}

function entries(count: number, dataBytes = 1): PutRecordsRequestEntry[] {
  return Array.from({ length: count }, (_, index) => ({
    PartitionKey: String(index % 10),
    Data: new Uint8Array(dataBytes),
  }))
}

function storedCount(streamName: string): number {
  return kinesis.streams.get(streamName).shards.reduce((sum, { records }) => sum + records.length, 0)
}

test('500 records are written, each answered in its place with its shard and a number of its own', async () => {
  const stream = kinesis.streams.create('whole', { shardCount: 4 })
  const records = Array.from({ length: 500 }, (_, index) => ({
    PartitionKey: `key-${index}`,
    Data: bytes(`data-${index}`),
  }))
  const { FailedRecordCount, Records: results = [] } = await put('whole', records)
  expect(FailedRecordCount).toBe(0)
  const stored = new Map(
    stream.shards.flatMap(({ shardId, records: list }) =>
      list.map((record) => [`${shardId}/${record.sequenceNumber}`, record] as const),
    ),
  )
  expect(stored.size).toBe(500)
  const found = results.map(({ ShardId, SequenceNumber }) => stored.get(`${ShardId}/${SequenceNumber}`))
  expect(found.map((record) => record?.partitionKey)).toEqual(records.map(({ PartitionKey }) => PartitionKey))
  expect(found.map((record) => new Uint8Array(record?.data ?? []))).toEqual(records.map(({ Data }) => Data))
})

test('records of one shard keep the order of the request', async () => {
  const stream = kinesis.streams.create('ordered', { shardCount: 1 })
  await put(
    'ordered',
    ['a', 'b', 'c'].map((PartitionKey) => ({ PartitionKey, Data: bytes('') })),
  )
  expect(stream.shards[0]?.records.map(({ partitionKey }) => partitionKey)).toEqual(['a', 'b', 'c'])
})

test('refused records are named in their places and the others are written', async () => {
  kinesis.streams.create('partial', { shardCount: 1, failRecord: (count) => count === 1 })
  const { FailedRecordCount, Records = [] } = await put('partial', entries(3))
  expect(FailedRecordCount).toBe(1)
  expect(Records[1]).toEqual({ ErrorCode: 'InternalFailure', ErrorMessage: 'Internal service failure.' })
  expect([Records[0], Records[2]].map((result) => typeof result?.SequenceNumber)).toEqual([
    'string',
    'string',
  ])
  expect(storedCount('partial')).toBe(2)
})

test('over the write limits the rest of the request is refused record by record', async () => {
  kinesis.streams.create('limited', { shardCount: 1, limits: true })
  await put('limited', entries(500))
  await put('limited', entries(400))
  const { FailedRecordCount, Records = [] } = await put('limited', entries(150))
  expect(FailedRecordCount).toBe(50)
  expect(Records.at(-1)).toEqual({
    ErrorCode: 'ProvisionedThroughputExceededException',
    ErrorMessage: `Rate exceeded for shard shardId-000000000000 in stream limited under account ${ACCOUNT_ID}.`,
  })
  expect(storedCount('limited')).toBe(1000)
})

test('10 MiB of data and keys are taken over the real connection, one byte more is refused whole', async () => {
  kinesis.streams.create('large', { shardCount: 1 })
  const largest = entries(10, MEBIBYTE - 1)
  await put('large', largest)
  expect(storedCount('large')).toBe(10)
  await expect(put('large', [...largest, { PartitionKey: 'a', Data: bytes('') }])).rejects.toMatchObject({
    name: 'InvalidArgumentException',
  })
  expect(storedCount('large')).toBe(10)
})

test.each([
  ['no records', []],
  ['501 records', entries(501)],
])('%s are refused', async (_name, records) => {
  kinesis.streams.create(`count-${records.length}`, { shardCount: 1 })
  await expect(put(`count-${records.length}`, records)).rejects.toMatchObject({
    name: 'ValidationException',
    message: expect.stringContaining("Value at 'records' failed to satisfy constraint"),
  })
})

test('an invalid record is named and keeps the whole request out', async () => {
  kinesis.streams.create('invalid', { shardCount: 1 })
  await expect(put('invalid', [...entries(2), { PartitionKey: '', Data: bytes('x') }])).rejects.toMatchObject(
    {
      name: 'ValidationException',
      message: expect.stringContaining("at 'records.3.member.partitionKey'"),
    },
  )
  await expect(put('invalid', [...entries(1), ...entries(1, MEBIBYTE)])).rejects.toMatchObject({
    name: 'ValidationException',
    message: expect.stringContaining("at 'records.2.member.data'"),
  })
  expect(storedCount('invalid')).toBe(0)
  await put('invalid', entries(2))
  expect(storedCount('invalid')).toBe(2)
})
