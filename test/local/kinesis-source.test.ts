import { beforeEach, describe, expect, it } from 'vitest'
import { ReadThrottledError, type ShardReader } from '../../local/event-source-mapping/stream-source.ts'
import { kinesisSource } from '../../local/kinesis-source.ts'
import { AwsServiceError } from '../../local/services/aws-json-server.ts'
import { kinesisOperations } from '../../local/services/kinesis/server.ts'
import { KinesisStreams } from '../../local/services/kinesis/streams.ts'

const ITERATOR_LIFETIME_MS = 300_000

let nowMs = 0
beforeEach(() => {
  nowMs = 1_700_000_000_000
})

function newStream(shardCount = 1) {
  const streams = new KinesisStreams({ region: 'eu-west-1', accountId: '123456789012', nowMs: () => nowMs })
  const { arn: streamArn } = streams.create('flights', { shardCount })
  const operations = { ...kinesisOperations(streams) }
  const source = kinesisSource({
    operations,
    streamArn,
    region: 'eu-west-1',
    executionRoleArn: 'arn:aws:iam::123456789012:role/flights',
    nowMs: () => nowMs,
  })
  const call = (operation: string, input: object): object | undefined =>
    operations[operation]?.({ StreamARN: streamArn, ...input })
  const put = (text: string): void => {
    call('PutRecord', { PartitionKey: 'JFK', Data: Buffer.from(text).toString('base64') })
  }
  return { operations, source, call, put }
}

/** What the next read finds, as the texts that were put. */
async function textsOf(reader: ShardReader, limit = 100): Promise<string[]> {
  const { records } = await reader.read(limit)
  return records.map(({ json }) => {
    const { kinesis }: { kinesis: { data: string } } = JSON.parse(json)
    return Buffer.from(kinesis.data, 'base64').toString()
  })
}

const shardId = 'shardId-000000000000'

it('is known by the ARN that records will carry, and is looked into once a second', () => {
  const { source } = newStream()
  expect(source).toMatchObject({
    kind: 'kinesis',
    streamArn: 'arn:aws:kinesis:eu-west-1:123456789012:stream/flights',
    pollIntervalMs: 1_000,
  })
})

it('knows how long the stream keeps a record, a second after that was changed at the latest', () => {
  const { source, call } = newStream()
  expect(source.retentionMs()).toBe(24 * 3_600_000)
  call('IncreaseStreamRetentionPeriod', { RetentionPeriodHours: 48 })
  nowMs += 1_000
  expect(source.retentionMs()).toBe(48 * 3_600_000)
})

it('of a stream that was deleted still says so: it is for a read to fail', async () => {
  const { source, call } = newStream()
  const reader = await source.open(shardId, { at: 'TRIM_HORIZON' })
  call('DeleteStream', {})
  expect(source.retentionMs()).toBe(24 * 3_600_000)
  await expect(reader.read(10)).rejects.toThrow('not found')
})

describe('shards', () => {
  it('are all of the stream, however many pages they take', async () => {
    const { source } = newStream(2_500)
    const ids = (await source.shards()).map(({ id }) => id)
    expect(ids).toHaveLength(2_500)
    expect(ids.at(-1)).toBe('shardId-000000002499')
  })

  it('say what they came from, and whether they are closed', async () => {
    const { source, call } = newStream()
    call('SplitShard', { ShardToSplit: shardId, NewStartingHashKey: String(2n ** 127n) })
    call('MergeShards', {
      ShardToMerge: 'shardId-000000000001',
      AdjacentShardToMerge: 'shardId-000000000002',
    })
    expect(await source.shards()).toEqual([
      { id: shardId, parentIds: [], isClosed: true },
      { id: 'shardId-000000000001', parentIds: [shardId], isClosed: true },
      { id: 'shardId-000000000002', parentIds: [shardId], isClosed: true },
      {
        id: 'shardId-000000000003',
        parentIds: ['shardId-000000000001', 'shardId-000000000002'],
        isClosed: false,
      },
    ])
  })
})

describe('a reader', () => {
  it('reads on, oldest first and no more than asked for', async () => {
    const { source, put } = newStream()
    for (const text of ['a', 'b', 'c', 'd']) put(text)
    const reader = await source.open(shardId, { at: 'TRIM_HORIZON' })
    expect(await textsOf(reader, 3)).toEqual(['a', 'b', 'c'])
    expect(await textsOf(reader, 3)).toEqual(['d'])
    expect(await textsOf(reader, 3)).toEqual([])
  })

  it('begins behind a record, or at a time', async () => {
    const { source, put } = newStream()
    put('a')
    nowMs += 1_000
    put('b')
    const { records } = await (await source.open(shardId, { at: 'TRIM_HORIZON' })).read(1)
    const sequenceNumber = records[0]?.sequenceNumber ?? ''
    expect(
      await textsOf(await source.open(shardId, { at: 'AFTER_SEQUENCE_NUMBER', sequenceNumber })),
    ).toEqual(['b'])
    expect(await textsOf(await source.open(shardId, { at: 'AT_TIMESTAMP', timestampMs: nowMs }))).toEqual([
      'b',
    ])
  })

  it('from LATEST on reads what comes after it was opened, and says when that was', async () => {
    const { source, put } = newStream()
    put('a')
    nowMs += 1_000
    const reader = await source.open(shardId, { at: 'LATEST' })
    put('b')
    expect(await textsOf(reader)).toEqual(['b'])
    expect(reader.startedAt).toEqual({ at: 'AT_TIMESTAMP', timestampMs: nowMs })
  })

  it.each(['TRIM_HORIZON', 'LATEST'] as const)('from %s on outlives its iterators', async (at) => {
    const { source, put } = newStream()
    const reader = await source.open(shardId, { at })
    nowMs += ITERATOR_LIFETIME_MS + 1
    put('a')
    nowMs += ITERATOR_LIFETIME_MS + 1
    expect(await textsOf(reader)).toEqual(['a'])
    nowMs += ITERATOR_LIFETIME_MS + 1
    put('b')
    nowMs += ITERATOR_LIFETIME_MS + 1
    expect(await textsOf(reader)).toEqual(['b'])
  })

  it('says where a closed shard ends', async () => {
    const { source, put, call } = newStream()
    put('a')
    const reader = await source.open(shardId, { at: 'TRIM_HORIZON' })
    expect(await reader.read(10)).toMatchObject({ isAtEnd: false })
    call('SplitShard', { ShardToSplit: shardId, NewStartingHashKey: String(2n ** 127n) })
    expect(await reader.read(10)).toMatchObject({ records: [], isAtEnd: true })
  })

  it('tells a read that is one too many from one that failed', async () => {
    const { source, operations } = newStream()
    const reader = await source.open(shardId, { at: 'TRIM_HORIZON' })
    const failWith = (code: string): void => {
      operations['GetRecords'] = () => {
        throw new AwsServiceError(code, 'no')
      }
    }
    failWith('ProvisionedThroughputExceededException')
    await expect(reader.read(10)).rejects.toThrow(ReadThrottledError)
    failWith('AccessDeniedException')
    await expect(reader.read(10)).rejects.toThrow(AwsServiceError)
  })

  it('gives records with what mapping and function need of them', async () => {
    const { source, put } = newStream()
    put('{"origin":"JFK"}')
    const { records } = await (await source.open(shardId, { at: 'TRIM_HORIZON' })).read(10)
    expect(records).toMatchObject([{ orderingKey: 'JFK', arrivalMs: nowMs }])
    expect(records[0]?.filterView()).toMatchObject({ data: { origin: 'JFK' } })
  })
})
