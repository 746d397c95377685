import { expect, test } from 'vitest'
import { getRecords } from '../../../../local/services/kinesis/get-records.ts'
import { getShardIterator } from '../../../../local/services/kinesis/get-shard-iterator.ts'
import { putRecord } from '../../../../local/services/kinesis/put-record.ts'
import { putRecords } from '../../../../local/services/kinesis/put-records.ts'
import type { StreamCall } from '../../../../local/services/kinesis/stream-call.ts'
import type { StreamOptions } from '../../../../local/services/kinesis/stream.ts'
import { KinesisStreams } from '../../../../local/services/kinesis/streams.ts'
import { ACCOUNT_ID, REGION, START_MS } from './start-test-kinesis.ts'

const StreamName = 'observed'
const operation = { streamName: StreamName }
/** Four bytes. */
const Data = Buffer.from('data').toString('base64')

function observedStream(options: Partial<StreamOptions> = {}) {
  const calls: StreamCall[] = []
  const clock = { nowMs: START_MS }
  const streams = new KinesisStreams({
    region: REGION,
    accountId: ACCOUNT_ID,
    nowMs: () => clock.nowMs,
    onCall: (call) => calls.push(call),
  })
  streams.create(StreamName, { shardCount: 1, ...options })
  const put = (count: number) =>
    putRecords(streams, {
      StreamName,
      Records: Array.from({ length: count }, () => ({ PartitionKey: 'ü', Data })),
    })
  return { streams, calls, clock, put }
}

test('what PutRecords wrote is told, with partition keys in its bytes', () => {
  const { calls, put } = observedStream()
  put(3)
  expect(calls).toEqual([
    {
      ...operation,
      operation: 'PutRecords',
      records: 3,
      recordBytes: 18,
      throttledRecords: 0,
      failedRecords: 0,
    },
  ])
})

test('records that are refused are told by why: for the rate of the shard, or another reason', () => {
  const { calls, put } = observedStream({ limits: true, failRecord: (count) => count === 0 })
  put(500)
  put(500)
  put(500)
  expect(
    calls.map((call) => 'failedRecords' in call && [call.records, call.throttledRecords, call.failedRecords]),
  ).toEqual([
    [499, 0, 1],
    [500, 0, 0],
    [1, 499, 0],
  ])
})

test('a PutRecord is told, that is refused too', () => {
  const { calls, streams } = observedStream({ failRecord: (count) => count === 1 })
  const put = () => putRecord(streams, { StreamName, PartitionKey: 'ü', Data })
  put()
  expect(put).toThrow('Internal service failure.')
  const call = { ...operation, operation: 'PutRecord', throttledRecords: 0 }
  expect(calls).toEqual([
    { ...call, records: 1, recordBytes: 6, failedRecords: 0 },
    { ...call, records: 0, recordBytes: 0, failedRecords: 1 },
  ])
})

test('a read is told with the age of its last record; one over the limit is told as throttled', () => {
  const { calls, clock, streams, put } = observedStream({ limits: true })
  put(2)
  clock.nowMs += 250
  const place = { StreamName, ShardId: 'shardId-000000000000', ShardIteratorType: 'TRIM_HORIZON' }
  const { ShardIterator } = getShardIterator(streams, place)
  const read = (iterator: string | undefined) => getRecords(streams, { ShardIterator: iterator })
  const { NextShardIterator } = read(ShardIterator)
  for (let more = 0; more < 4; more += 1) read(NextShardIterator)
  expect(() => read(NextShardIterator)).toThrow('Rate exceeded')
  const call = { ...operation, operation: 'GetRecords' }
  const empty = { ...call, isThrottled: false, records: 0, recordBytes: 0, lastAgeMs: 0 }
  expect(calls.slice(1)).toEqual([
    { ...call, isThrottled: false, records: 2, recordBytes: 12, lastAgeMs: 250 },
    ...Array.from({ length: 4 }, () => empty),
    { ...empty, isThrottled: true },
  ])
})
