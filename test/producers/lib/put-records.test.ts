import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type Acknowledged,
  type OutgoingRecord,
  putRecords,
  RefusedRecordsError,
} from '../../../producers/lib/put-records.ts'
import { bytes, startTestKinesis } from '../../local/services/kinesis/start-test-kinesis.ts'
import { watchedClient } from './watched-client.ts'

let kinesis: Awaited<ReturnType<typeof startTestKinesis>>

beforeEach(async () => {
  kinesis = await startTestKinesis()
})
afterEach(() => kinesis.close())

function recordsOf(...texts: readonly string[]): OutgoingRecord[] {
  return texts.map((text) => ({ partitionKey: text, data: bytes(text) }))
}

function ignore(): void {}

async function put(records: readonly OutgoingRecord[], failRecord?: (recordCount: number) => boolean) {
  const stream = kinesis.streams.create('flights', { shardCount: 2, ...(failRecord && { failRecord }) })
  const { client, calls } = watchedClient(kinesis.endpoint)
  const acknowledged: Acknowledged<OutgoingRecord>[] = []
  const refused: number[] = []
  const pausesMs: number[] = []
  const failure = await putRecords(
    client,
    'flights',
    records,
    (one) => void acknowledged.push(one),
    (count) => void refused.push(count),
    async (durationMs) => void pausesMs.push(durationMs),
  ).catch((error: unknown) => error)
  client.destroy()
  const stored = stream.shards.flatMap((shard) =>
    shard.records.map(({ partitionKey, sequenceNumber, data }) => ({
      partitionKey,
      shardId: shard.shardId,
      sequenceNumber,
      text: Buffer.from(data).toString(),
    })),
  )
  const sent = calls.records.map((call) => call.map(({ PartitionKey: key }) => key))
  return { acknowledged, refused, pausesMs, failure, stored, sent }
}

describe('records that the stream takes', () => {
  it('go in one call and are acknowledged where they lie', async () => {
    const { acknowledged, refused, pausesMs, failure, stored, sent } = await put(recordsOf('a', 'b', 'c'))
    expect(failure).toBeUndefined()
    expect(sent).toEqual([['a', 'b', 'c']])
    expect(acknowledged.map(({ record }) => record.partitionKey)).toEqual(['a', 'b', 'c'])
    for (const { record, shardId, sequenceNumber } of acknowledged) {
      const { partitionKey } = record
      expect(stored).toContainEqual({ partitionKey, shardId, sequenceNumber, text: partitionKey })
    }
    expect([refused, pausesMs]).toEqual([[], []])
  })
})

describe('records that the stream refuses', () => {
  it('are sent again alone, so that each is in the stream once and acknowledged once', async () => {
    // Of the first call b and d are refused, of the second d once more.
    const refusedCounts = new Set([1, 3, 5])
    const { acknowledged, refused, pausesMs, failure, stored, sent } = await put(
      recordsOf('a', 'b', 'c', 'd'),
      (count) => refusedCounts.has(count),
    )
    expect(failure).toBeUndefined()
    expect(sent).toEqual([['a', 'b', 'c', 'd'], ['b', 'd'], ['d']])
    expect(refused).toEqual([2, 1])
    expect(pausesMs).toHaveLength(2)
    expect(acknowledged.map(({ record }) => record.partitionKey)).toEqual(['a', 'c', 'b', 'd'])
    expect(stored.map(({ text }) => text).sort()).toEqual(['a', 'b', 'c', 'd'])
  })

  it('are given up after 20 attempts, with the reason, and the others are acknowledged', async () => {
    const { acknowledged, refused, failure, sent } = await put(recordsOf('a', 'b'), (count) => count > 0)
    expect(failure).toBeInstanceOf(RefusedRecordsError)
    expect(String(failure)).toContain('1 records were refused 20 times, last with InternalFailure')
    expect(sent).toHaveLength(20)
    expect(refused).toEqual(Array.from({ length: 20 }, () => 1))
    expect(acknowledged.map(({ record }) => record.partitionKey)).toEqual(['a'])
  })

  it('are sent again after pauses that grow to 2 seconds, each shortened by chance to half at most', async () => {
    const { pausesMs } = await put(recordsOf('a'), () => true)
    expect(pausesMs).toHaveLength(19)
    for (const [retry, pauseMs] of pausesMs.entries()) {
      const mostMs = Math.min(50 * 2 ** retry, 2_000)
      expect(pauseMs).toBeGreaterThanOrEqual(mostMs / 2)
      expect(pauseMs).toBeLessThanOrEqual(mostMs)
    }
  })
})

it('fails as the client does when there is no such stream, without sending again', async () => {
  const { client, calls } = watchedClient(kinesis.endpoint)
  await expect(putRecords(client, 'nowhere', recordsOf('a'), ignore, ignore)).rejects.toThrow(
    'Stream nowhere under account 123456789012 not found.',
  )
  expect(calls.records).toHaveLength(1)
  client.destroy()
})
