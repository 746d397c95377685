import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { idBytes } from '../../../consumers/engine/id-set.ts'
import { bucketOf, type EventId, eventId, positionKey } from '../../../consumers/engine/identity.ts'
import { encodeKey } from '../../../consumers/engine/keys.ts'

const hashSpace = 2n ** 128n

function md5(text: string): bigint {
  return BigInt(`0x${createHash('md5').update(text).digest('hex')}`)
}

/** The words of an id as the hash had them. */
function bytesOf(id: EventId): Buffer {
  const bytes = Buffer.alloc(id.length * 4)
  for (const [word, value] of id.entries()) bytes.writeUInt32BE(value, word * 4)
  return bytes
}

describe('event id', () => {
  const names = fc.string({ unit: fc.constantFrom('a', '1', ':'), maxLength: 4 })

  test('it is 96 bits, the same for the same namespace and key, and no other pair shares it', () => {
    fc.assert(
      fc.property(names, names, names, names, (namespace, key, otherNamespace, otherKey) => {
        const id = eventId(namespace, key)
        expect(bytesOf(id)).toHaveLength(idBytes)
        expect(id.every((word) => word >>> 0 === word)).toBe(true)
        expect(eventId(namespace, key)).toEqual(id)
        const same = namespace === otherNamespace && key === otherKey
        expect(String(id) === String(eventId(otherNamespace, otherKey))).toBe(same)
      }),
      { numRuns: 1_000 },
    )
  })

  test('moving a character from the namespace to the key makes another id', () => {
    expect(eventId('ab', 'c')).not.toEqual(eventId('a', 'bc'))
    expect(eventId('a', '1:b')).not.toEqual(eventId('a1', ':b'))
  })

  test('it stays as it is from release to release', () => {
    expect(bytesOf(eventId('flights', 'f-1')).toString('hex')).toBe(
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
