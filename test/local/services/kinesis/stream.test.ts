import { expect, test } from 'vitest'
import { toHashKey } from '../../../../local/services/kinesis/hash-key.ts'
import type { StreamOptions } from '../../../../local/services/kinesis/stream.ts'
import { Stream } from '../../../../local/services/kinesis/stream.ts'

const NO_DATA = new Uint8Array()
const DAY_MS = 86_400_000

function newStream(options: StreamOptions, nowMs = () => 1): Stream {
  return new Stream({ name: 'flights', arn: 'arn:flights', accountId: '123456789012', nowMs }, options)
}

test('every record goes to the shard whose range holds the MD5 of its key', () => {
  const stream = newStream({ shardCount: 7 })
  for (let index = 0; index < 500; index += 1) stream.put({ partitionKey: `key-${index}`, data: NO_DATA })
  // Known MD5s: a = 0cc1..., b = 92eb..., c = 4a8a...
  const shardOf = (key: string) => stream.put({ partitionKey: key, data: NO_DATA })
  expect(['a', 'b', 'c'].map(shardOf)).toMatchObject([
    { shardId: 'shardId-000000000000' },
    { shardId: 'shardId-000000000004' },
    { shardId: 'shardId-000000000002' },
  ])
  for (const shard of stream.shards) expect(shard.records.length).toBeGreaterThan(500 / 7 / 2)
})

test('the ends of every range belong to its shard', () => {
  const stream = newStream({ shardCount: 5 })
  for (const { shardId, hashKeyRange } of stream.shards) {
    for (const end of [hashKeyRange.startingHashKey, hashKeyRange.endingHashKey]) {
      const hashKey = toHashKey(BigInt(end))
      expect(stream.put({ partitionKey: 'a', data: NO_DATA, hashKey })).toMatchObject({ shardId })
    }
  }
})

test('without limits a shard takes a second’s worth many times over', () => {
  const stream = newStream({ shardCount: 1 })
  const outcomes = Array.from({ length: 3000 }, () => stream.put({ partitionKey: 'a', data: NO_DATA }))
  expect(outcomes.filter((outcome) => 'errorCode' in outcome)).toEqual([])
})

test('with limits each shard refuses what is over its second and takes records again after it', () => {
  let nowMs = 1000
  const stream = newStream({ shardCount: 2, limits: true }, () => nowMs)
  const put = (partitionKey: string) => stream.put({ partitionKey, data: NO_DATA })
  for (let count = 0; count < 1000; count += 1) expect(put('a')).toHaveProperty('sequenceNumber')
  expect(put('a')).toEqual({
    errorCode: 'ProvisionedThroughputExceededException',
    errorMessage:
      'Rate exceeded for shard shardId-000000000000 in stream flights under account 123456789012.',
  })
  expect(put('b')).toHaveProperty('sequenceNumber')
  nowMs = 1999
  expect(put('a')).toHaveProperty('errorCode')
  nowMs = 2000
  expect(put('a')).toHaveProperty('sequenceNumber')
  expect(stream.shards[0]?.records).toHaveLength(1001)
})

test('a second’s bytes count keys, and a record that does not fit leaves room for a smaller one', () => {
  const stream = newStream({ shardCount: 1, limits: true })
  const put = (dataBytes: number) => stream.put({ partitionKey: 'aa', data: new Uint8Array(dataBytes) })
  expect(put(1024 * 1024 - 12)).toHaveProperty('sequenceNumber')
  expect(put(9)).toHaveProperty('errorCode')
  expect(put(8)).toHaveProperty('sequenceNumber')
  expect(put(0)).toHaveProperty('errorCode')
})

test('the fault hook refuses exactly the records it names, which are then not in the stream', () => {
  const stream = newStream({ shardCount: 1, failRecord: (recordCount) => recordCount === 1 })
  const outcomes = ['a', 'b', 'c'].map((partitionKey) => stream.put({ partitionKey, data: NO_DATA }))
  expect(outcomes.map((outcome) => 'errorCode' in outcome && outcome.errorCode)).toEqual([
    false,
    'InternalFailure',
    false,
  ])
  expect(stream.shards[0]?.records.map(({ partitionKey }) => partitionKey)).toEqual(['a', 'c'])
})

test('an unknown shard is not found', () => {
  const stream = newStream({ shardCount: 1 })
  expect(stream.shard('shardId-000000000000')).toBe(stream.shards[0])
  expect(() => stream.shard('shardId-000000000001')).toThrow(
    expect.objectContaining({ code: 'ResourceNotFoundException' }),
  )
})

test('records older than the retention are gone as soon as the shard is listed, looked up or written', () => {
  const looks: readonly ((stream: Stream) => unknown)[] = [
    (stream) => stream.shards,
    (stream) => stream.shard('shardId-000000000000'),
    (stream) => stream.put({ partitionKey: 'new', data: NO_DATA }),
  ]
  for (const look of looks) {
    let nowMs = 1
    const stream = newStream({ shardCount: 1 }, () => nowMs)
    const [shard] = stream.openShards
    stream.put({ partitionKey: 'old', data: NO_DATA })
    nowMs += 1
    stream.put({ partitionKey: 'kept', data: NO_DATA })
    nowMs += DAY_MS
    expect(shard?.records[0]?.partitionKey).toBe('old')
    look(stream)
    expect(shard?.records[0]?.partitionKey).toBe('kept')
  }
})

test('a longer retention keeps what is there and brings nothing back, a shorter one trims at once', () => {
  let nowMs = 1
  const stream = newStream({ shardCount: 1 }, () => nowMs)
  const keys = () => stream.shards[0]?.records.map(({ partitionKey }) => partitionKey)
  stream.put({ partitionKey: 'a', data: NO_DATA })
  nowMs += DAY_MS / 2
  stream.put({ partitionKey: 'b', data: NO_DATA })
  nowMs += DAY_MS / 2 + 1
  stream.retainFor(48)
  expect(stream.retentionHours).toBe(48)
  expect(keys()).toEqual(['b'])
  nowMs += DAY_MS
  expect(keys()).toEqual(['b'])
  stream.retainFor(24)
  expect(keys()).toEqual([])
})

test('a closed shard is there as long as the retention, its children longer', () => {
  let nowMs = 1
  const stream = newStream({ shardCount: 1, retentionHours: 48 }, () => nowMs)
  const [shard] = stream.shards
  if (shard === undefined) throw new Error('no shard')
  stream.split(shard, 5n)
  nowMs += 2 * DAY_MS
  expect(stream.shard(shard.shardId)).toBe(shard)
  expect(stream.shards).toHaveLength(3)
  nowMs += 1
  expect(() => stream.shard(shard.shardId)).toThrow('does not exist')
  expect(stream.shards).toEqual(stream.openShards)
})

test('what is refused for its rate is counted, reads and writes apart', () => {
  const stream = newStream({ shardCount: 1, limits: true })
  const [shard] = stream.shards
  if (shard === undefined) throw new Error('no shard')
  for (let count = 0; count < 1003; count += 1) stream.put({ partitionKey: 'a', data: NO_DATA })
  for (let count = 0; count < 5; count += 1) stream.admitRead(shard)
  expect([stream.throttledWrites, stream.throttledReads]).toEqual([3, 0])
  expect(() => stream.admitRead(shard)).toThrow('Rate exceeded for shard shardId-000000000000')
  expect([stream.throttledWrites, stream.throttledReads]).toEqual([3, 1])
})
