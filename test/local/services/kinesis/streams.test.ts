import { expect, test } from 'vitest'
import { KinesisStreams } from '../../../../local/services/kinesis/streams.ts'

const ARN = 'arn:aws:kinesis:eu-west-1:123456789012:stream/flights'

function newStreams(): KinesisStreams {
  return new KinesisStreams({ region: 'eu-west-1', accountId: '123456789012', nowMs: () => 1 })
}

test('a stream is found by name and by ARN', () => {
  const streams = newStreams()
  const stream = streams.create('flights', { shardCount: 2 })
  expect(stream.arn).toBe(ARN)
  expect(streams.get('flights')).toBe(stream)
  expect(streams.get(ARN)).toBe(stream)
})

test.each(['orders', ARN.replace('flights', 'orders'), ARN.replace('eu-west-1', 'eu-west-2')])(
  '%s is not found',
  (nameOrArn) => {
    const streams = newStreams()
    streams.create('flights', { shardCount: 1 })
    expect(() => streams.get(nameOrArn)).toThrow(
      /^Stream (orders|flights) under account 123456789012 not found\.$/,
    )
  },
)

test('a name is given once', () => {
  const streams = newStreams()
  streams.create('flights', { shardCount: 1 })
  expect(() => streams.create('flights', { shardCount: 1 })).toThrow('already exists')
  expect(() => streams.create('flights2', { shardCount: 1 })).not.toThrow()
})

test.each([
  ['', 1],
  ['a/b', 1],
  ['a'.repeat(129), 1],
  ['a', 0],
  ['a', 1.5],
  ['a', 10_001],
])('the name "%s" with %d shards is refused', (name, shardCount) => {
  expect(() => newStreams().create(name, { shardCount })).toThrow(
    expect.objectContaining({ code: 'ValidationException' }),
  )
})
