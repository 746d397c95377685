import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bucketOf, eventId, idBytes, positionKey } from '../../../consumers/engine/identity.ts'
import { encodeKey } from '../../../consumers/engine/keys.ts'

const hashSpace = 2n ** 128n

function md5(text: string): bigint {
  return BigInt(`0x${createHash('md5').update(text).digest('hex')}`)
}

describe('event id', () => {
  const names = fc.string({ unit: fc.constantFrom('a', '1', ':'), maxLength: 4 })

  test('it is 96 bits, the same for the same namespace and key, and no other pair shares it', () => {
    fc.assert(
      fc.property(names, names, names, names, (namespace, key, otherNamespace, otherKey) => {
        const id = eventId(namespace, key)
        expect(Buffer.from(id, 'latin1')).toHaveLength(idBytes)
        expect(Buffer.from(id, 'latin1').toString('latin1')).toBe(id)
        const same = namespace === otherNamespace && key === otherKey
        expect(id === eventId(otherNamespace, otherKey)).toBe(same)
      }),
      { numRuns: 1_000 },
    )
  })

  test('moving a character from the namespace to the key makes another id', () => {
    expect(eventId('ab', 'c')).not.toBe(eventId('a', 'bc'))
    expect(eventId('a', '1:b')).not.toBe(eventId('a1', ':b'))
  })

  test('it stays as it is from release to release', () => {
    expect(Buffer.from(eventId('flights', 'f-1'), 'latin1').toString('hex')).toBe(
      createHash('sha256').update('7:flights3:f-1').digest('hex').slice(0, 24),
    )
  })
})

test('places that differ in stream, shard or sequence number are different keys', () => {
  const position = { stream: 's', shard: 'h', sequenceNumber: '1' }
  const others = [
    { ...position, stream: 't' },
    { ...position, shard: 'i' },
    { ...position, sequenceNumber: '2' },
    { stream: 's|h', shard: '1', sequenceNumber: '' },
  ]
  const key = encodeKey(positionKey(position))
  expect(encodeKey(positionKey({ ...position }))).toBe(key)
  for (const other of others) expect(encodeKey(positionKey(other))).not.toBe(key)
})

describe('bucket', () => {
  const routingKey = fc.string({ unit: 'grapheme', maxLength: 40 })
  const buckets = fc.integer({ min: 1, max: 1_024 })

  test('it is the share of the MD5 space in which the key lies', () => {
    fc.assert(
      fc.property(routingKey, buckets, (key, count) => {
        expect(bucketOf(key, count)).toBe(Number((md5(key) * BigInt(count)) / hashSpace))
      }),
      { numRuns: 1_000 },
    )
  })

  test('with as many buckets as evenly split shards, the keys of a shard meet one bucket', () => {
    fc.assert(
      fc.property(routingKey, fc.integer({ min: 1, max: 200 }), (key, shards) => {
        const starts = Array.from(
          { length: shards },
          (_, shard) => (hashSpace * BigInt(shard)) / BigInt(shards),
        )
        expect(bucketOf(key, shards)).toBe(starts.findLastIndex((start) => start <= md5(key)))
      }),
      { numRuns: 1_000 },
    )
  })

  test('keys spread over all buckets', () => {
    const met = new Set(Array.from({ length: 200 }, (_, key) => bucketOf(`key-${key}`, 8)))
    expect([...met].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })
})
