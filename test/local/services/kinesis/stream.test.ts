import { expect, test } from 'vitest'
import { toHashKey } from '../../../../local/services/kinesis/hash-key.ts'
import type { StreamOptions } from '../../../../local/services/kinesis/stream.ts'
import { Stream } from '../../../../local/services/kinesis/stream.ts'

const NO_DATA = new Uint8Array()

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
