import { expect, test } from 'vitest'
import { KinesisStreams } from '../../../../local/services/kinesis/streams.ts'

const ARN = 'arn:aws:kinesis:eu-west-1:123456789012:stream/flights'

function newStreams(limits?: boolean): KinesisStreams {
  const owner = { region: 'eu-west-1', accountId: '123456789012' }
  return new KinesisStreams({ ...owner, nowMs: () => 1, ...(limits !== undefined && { limits }) })
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

test('a deleted stream is not found, and its name is free', () => {
  const streams = newStreams()
  const first = streams.create('flights', { shardCount: 1 })
  streams.delete(first)
  expect(() => streams.get('flights')).toThrow('not found')
  expect(streams.create('flights', { shardCount: 1 })).not.toBe(first)
})

test('streams are in the order of their names', () => {
  const streams = newStreams()
  for (const name of ['b', 'a', 'c']) streams.create(name, { shardCount: 1 })
  expect(streams.all().map(({ name }) => name)).toEqual(['a', 'b', 'c'])
})

test('all streams together have at most 10,000 open shards', () => {
  const streams = newStreams()
  streams.create('wide', { shardCount: 9999 })
  expect(() => streams.create('two', { shardCount: 2 })).toThrow(
    expect.objectContaining({ code: 'LimitExceededException' }),
  )
  streams.create('one', { shardCount: 1 })
  expect(streams.openShardCount()).toBe(10_000)
})

test.each([
  [undefined, undefined, false],
  [true, undefined, true],
  [true, false, false],
  [false, true, true],
])('with limits %s for all and %s for the stream, they are %s', (forAll, own, expected) => {
  const stream = newStreams(forAll).create('flights', {
    shardCount: 1,
    ...(own !== undefined && { limits: own }),
  })
  for (let count = 0; count < 1001; count += 1) stream.put({ partitionKey: 'a', data: new Uint8Array() })
  expect(stream.throttledWrites > 0).toBe(expected)
})
