import { expect, it } from 'vitest'
import { kinesisSource } from '../../local/kinesis-source.ts'
import { KinesisStreams } from '../../local/services/kinesis/streams.ts'

function newStream(shardCount: number) {
  const streams = new KinesisStreams({ region: 'eu-west-1', accountId: '123456789012', nowMs: () => 1_000 })
  const stream = streams.create('flights', { shardCount })
  return { stream, source: kinesisSource(stream, 'eu-west-1') }
}

it('is known by the ARN and region that records will carry', () => {
  const { source } = newStream(1)
  expect(source.streamArn).toBe('arn:aws:kinesis:eu-west-1:123456789012:stream/flights')
  expect(source.region).toBe('eu-west-1')
})

it('has every shard of the stream', () => {
  const { source } = newStream(3)
  expect(source.shardIds()).toEqual([0, 1, 2].map((shard) => `shardId-00000000000${shard}`))
})

it('reads on after a record, oldest first and no more than asked for', async () => {
  const { stream, source } = newStream(1)
  const [shardId = ''] = source.shardIds()
  for (const text of ['a', 'b', 'c', 'd']) stream.put({ partitionKey: 'key', data: Buffer.from(text) })
  const read = async (after: string | undefined, limit: number): Promise<string[]> =>
    (await source.read(shardId, after, limit)).map(({ data }) => Buffer.from(data).toString())
  const [first] = await source.read(shardId, undefined, 1)
  expect(await read(undefined, 10)).toEqual(['a', 'b', 'c', 'd'])
  expect(await read(first?.sequenceNumber, 2)).toEqual(['b', 'c'])
  expect(await read(source.lastSequenceNumber(shardId), 10)).toEqual([])
})

it('knows the newest record of a shard, and that an empty one has none', async () => {
  const { stream, source } = newStream(1)
  const [shardId = ''] = source.shardIds()
  expect(source.lastSequenceNumber(shardId)).toBeUndefined()
  stream.put({ partitionKey: 'key', data: Buffer.from('a') })
  const [record] = await source.read(shardId, undefined, 10)
  expect(source.lastSequenceNumber(shardId)).toBe(record?.sequenceNumber)
  expect(record?.sequenceNumber).toMatch(/^\d{56}$/)
})
