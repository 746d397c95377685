import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams'
import { describe, expect, it, onTestFinished } from 'vitest'
import { dynamodbSource } from '../../local/dynamodb-source.ts'
import type { ShardRead, StreamSource } from '../../local/event-source-mapping/stream-source.ts'
import {
  type AwsOperations,
  AwsServiceError,
  startAwsJsonServer,
} from '../../local/services/aws-json-server.ts'

const streamArn = 'arn:aws:dynamodb:us-east-1:000000000000:table/orders/stream/planned'
const serviceStreamArn = 'arn:aws:dynamodb:ddblocal:000000000000:table/orders/stream/2026-09-17T12:00:00.000'

/** A source whose service answers as `operations` say; every request is noted as `operation: input`. */
async function sourceOf(operations: AwsOperations): Promise<{ source: StreamSource; requests: string[] }> {
  const requests: string[] = []
  const noted = Object.entries(operations).map(([name, operation]) => [
    name,
    (input: object) => {
      requests.push(`${name}: ${Object.values(input).join(' ')}`)
      return operation(input)
    },
  ])
  const server = await startAwsJsonServer({
    targetPrefix: 'DynamoDBStreams_20120810',
    operations: Object.fromEntries(noted) as AwsOperations,
  })
  const client = new DynamoDBStreamsClient({
    endpoint: server.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
  onTestFinished(async () => {
    client.destroy()
    await server.close()
  })
  return { source: dynamodbSource({ client, streamArn, serviceStreamArn, region: 'us-east-1' }), requests }
}

/** A shard with the records 1 to `last`; an iterator is the number of the record that is next. */
function shardOf(last: number, { isClosed = false } = {}): AwsOperations {
  return {
    GetShardIterator: (input) => {
      const { ShardIteratorType: type, SequenceNumber: after } = input as Record<string, string>
      const next = { TRIM_HORIZON: 1, LATEST: last + 1 }[type ?? ''] ?? Number(after) + 1
      return { ShardIterator: String(next) }
    },
    GetRecords: (input) => {
      const { ShardIterator, Limit } = input as { ShardIterator: string; Limit: number }
      const from = Number(ShardIterator)
      const numbers = Array.from({ length: last }, (_, index) => index + 1)
      const found = numbers.filter((number) => number >= from && number < from + Limit)
      const next = from + found.length
      return {
        Records: found.map(recordOf),
        ...((!isClosed || next <= last) && { NextShardIterator: String(next) }),
      }
    },
  }
}

function recordOf(number: number): object {
  return {
    eventID: '9edad3d5',
    eventName: 'INSERT',
    dynamodb: {
      Keys: { id: { S: 'a' } },
      SequenceNumber: String(number),
      ApproximateCreationDateTime: 1_789_651_620,
    },
  }
}

const numbers = ({ records }: ShardRead): number[] =>
  records.map(({ sequenceNumber }) => Number(sequenceNumber))

const refusal = (name: string) => (): never => {
  throw new AwsServiceError(`com.amazonaws.dynamodb.v20120810#${name}`, name)
}

/** Refuses the first request that it gets, and does `operation` then. */
function refusingOnce(name: string, operation: AwsOperations[string] = () => ({})): AwsOperations[string] {
  let isFirst = true
  return (input) => {
    if (!isFirst) return operation(input)
    isFirst = false
    return refusal(name)()
  }
}

describe('the stream of a table', () => {
  it('is looked into four times a second, keeps records for a day, and is known as its template knows it', async () => {
    const { source, requests } = await sourceOf({})
    expect(source).toMatchObject({ kind: 'dynamodb', streamArn, pollIntervalMs: 250 })
    expect(source.retentionMs()).toBe(86_400_000)
    expect(requests).toEqual([])
  })

  it('has its shards over all pages, with their parents and whether they take more', async () => {
    const open = { ShardId: 'c', ParentShardId: 'b', SequenceNumberRange: { StartingSequenceNumber: '3' } }
    const pages = [
      {
        Shards: [
          { ShardId: 'a', SequenceNumberRange: { StartingSequenceNumber: '1', EndingSequenceNumber: '1' } },
          {
            ShardId: 'b',
            ParentShardId: 'a',
            SequenceNumberRange: { StartingSequenceNumber: '2', EndingSequenceNumber: '2' },
          },
        ],
        LastEvaluatedShardId: 'b',
      },
      { Shards: [open] },
    ]
    const { source, requests } = await sourceOf({
      DescribeStream: () => ({ StreamDescription: pages.shift() }),
    })
    expect(await source.shards()).toEqual([
      { id: 'a', parentIds: [], isClosed: true },
      { id: 'b', parentIds: ['a'], isClosed: true },
      { id: 'c', parentIds: ['b'], isClosed: false },
    ])
    expect(requests).toEqual([`DescribeStream: ${serviceStreamArn}`, `DescribeStream: ${serviceStreamArn} b`])
  })
})

describe('a reader', () => {
  it('reads on from where it began, no more than asked for, and asks nothing before', async () => {
    const { source, requests } = await sourceOf(shardOf(5))
    const reader = await source.open('s', { at: 'TRIM_HORIZON' })
    expect(requests).toEqual([])
    expect(numbers(await reader.read(2))).toEqual([1, 2])
    expect(await reader.read(5)).toMatchObject({ records: [{}, {}, {}], isAtEnd: false })
    expect(await reader.read(5)).toEqual({ records: [], isAtEnd: false })
    expect(requests[0]).toBe(`GetShardIterator: ${serviceStreamArn} s TRIM_HORIZON`)
  })

  it('never asks for more than the service gives', async () => {
    const { source, requests } = await sourceOf(shardOf(1))
    await (await source.open('s', { at: 'TRIM_HORIZON' })).read(10_000)
    expect(requests.at(-1)).toBe('GetRecords: 1 1000')
  })

  it('begins after a record', async () => {
    const { source } = await sourceOf(shardOf(5))
    const reader = await source.open('s', { at: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: '3' })
    expect(numbers(await reader.read(10))).toEqual([4, 5])
  })

  it('of LATEST knows its place when it is open', async () => {
    const { source, requests } = await sourceOf(shardOf(5))
    await source.open('s', { at: 'LATEST' })
    expect(requests).toEqual([`GetShardIterator: ${serviceStreamArn} s LATEST`])
  })

  it('is not to be had from a time on', async () => {
    const { source } = await sourceOf(shardOf(5))
    await expect(source.open('s', { at: 'AT_TIMESTAMP', timestampMs: 1 })).rejects.toThrow(
      `${streamArn}: the stream of a table is not read from a time on`,
    )
  })

  it('is at the end with the last records of a closed shard, and stays there', async () => {
    const { source, requests } = await sourceOf(shardOf(3, { isClosed: true }))
    const reader = await source.open('s', { at: 'TRIM_HORIZON' })
    expect(await reader.read(2)).toMatchObject({ isAtEnd: false })
    expect(await reader.read(2)).toMatchObject({ records: [{ sequenceNumber: '3' }], isAtEnd: true })
    const requestCount = requests.length
    expect(await reader.read(2)).toEqual({ records: [], isAtEnd: true })
    expect(requests).toHaveLength(requestCount)
  })

  it('renews an iterator that has expired after the last record read, so that nothing is lost or comes twice', async () => {
    const shard = shardOf(5)
    let hasExpired = false
    const { source, requests } = await sourceOf({
      ...shard,
      GetRecords: (input) => {
        if (!hasExpired) return shard['GetRecords']?.(input) ?? {}
        hasExpired = false
        return refusal('ExpiredIteratorException')()
      },
    })
    const reader = await source.open('s', { at: 'TRIM_HORIZON' })
    expect(numbers(await reader.read(2))).toEqual([1, 2])
    hasExpired = true
    expect(numbers(await reader.read(2))).toEqual([3, 4])
    expect(requests).toContain(`GetShardIterator: ${serviceStreamArn} s AFTER_SEQUENCE_NUMBER 2`)
  })

  it('of LATEST that expired before it read anything is at the latest again, not at old records', async () => {
    const shard = shardOf(5)
    const { source } = await sourceOf({
      ...shard,
      GetRecords: refusingOnce('ExpiredIteratorException', shard['GetRecords']),
    })
    const reader = await source.open('s', { at: 'LATEST' })
    expect(await reader.read(10)).toEqual({ records: [], isAtEnd: false })
  })

  it('goes on at the trim horizon where what comes next is gone', async () => {
    const shard = shardOf(5)
    const { source } = await sourceOf({
      ...shard,
      GetShardIterator: refusingOnce('TrimmedDataAccessException', shard['GetShardIterator']),
    })
    const reader = await source.open('s', { at: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: '0' })
    expect(numbers(await reader.read(10))).toEqual([1, 2, 3, 4, 5])
  })

  it('gives the same records to the next try after a read that failed', async () => {
    const shard = shardOf(2)
    const { source } = await sourceOf({
      ...shard,
      GetRecords: refusingOnce('InternalServerError', shard['GetRecords']),
    })
    const reader = await source.open('s', { at: 'TRIM_HORIZON' })
    await expect(reader.read(10)).rejects.toMatchObject({ name: 'InternalServerError' })
    expect(numbers(await reader.read(10))).toEqual([1, 2])
  })
})
