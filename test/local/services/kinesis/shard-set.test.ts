import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { hashKeyCount, toHashKey } from '../../../../local/services/kinesis/hash-key.ts'
import type { Shard } from '../../../../local/services/kinesis/shard.ts'
import { ShardSet } from '../../../../local/services/kinesis/shard-set.ts'

const NO_DATA = new Uint8Array()

function startOf({ hashKeyRange }: Shard): bigint {
  return BigInt(hashKeyRange.startingHashKey)
}

function endOf({ hashKeyRange }: Shard): bigint {
  return BigInt(hashKeyRange.endingHashKey)
}

function at<T>(list: readonly T[], index: number): T {
  const item = list[index]
  if (item === undefined) throw new RangeError(`there is nothing at ${index}`)
  return item
}

const change = fc.record({ at: fc.nat({ max: 1000 }), isSplit: fc.boolean() })

/** Splits a shard in the middle, or merges it with the next one, if it can. */
function apply(
  shards: ShardSet,
  { at: place, isSplit }: { at: number; isSplit: boolean },
  nowMs: number,
): void {
  const open = shards.open()
  const shard = at(open, place % open.length)
  if (isSplit) {
    shards.split(shard, (startOf(shard) + endOf(shard)) / 2n + 1n, nowMs)
  } else if (open.length > 1) {
    const lower = at(open, place % (open.length - 1))
    const upper = at(open, (place % (open.length - 1)) + 1)
    if (place % 2 === 0) shards.merge(lower, upper, nowMs)
    else shards.merge(upper, lower, nowMs)
  }
}

test('after any splits and merges every hash key has one open shard, which is the one that is found', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(change, { maxLength: 30 }), (count, changes) => {
      const shards = new ShardSet(count, 1, false)
      for (const next of changes) apply(shards, next, 1)
      let expected = 0n
      for (const shard of shards.open()) {
        expect(startOf(shard)).toBe(expected)
        expect(shards.of(toHashKey(startOf(shard)))).toBe(shard)
        expect(shards.of(toHashKey(endOf(shard)))).toBe(shard)
        expect(shard.end).toBeUndefined()
        expected = endOf(shard) + 1n
      }
      expect(expected).toBe(hashKeyCount)
    }),
  )
})

test('the sequence numbers of a hash key grow from parents to children, though the clock goes back', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(change, fc.nat({ max: 10 })), { maxLength: 20 }), (changes) => {
      const shards = new ShardSet(2, 5, false)
      const hashKeys = [0n, hashKeyCount / 3n, hashKeyCount - 1n].map(toHashKey)
      const numbers = new Map(hashKeys.map((hashKey) => [hashKey, ['']]))
      for (const [next, nowMs] of changes) {
        for (const [hashKey, written] of numbers) {
          written.push(shards.of(hashKey).append('key', NO_DATA, nowMs).sequenceNumber)
        }
        apply(shards, next, nowMs)
      }
      for (const written of numbers.values()) expect(written).toEqual([...new Set(written)].sort())
    }),
  )
})

test('the parents of a merge are named in the order of the call, whichever lies lower', () => {
  const shards = new ShardSet(2, 1, false)
  const [lower, upper] = [at(shards.open(), 0), at(shards.open(), 1)]
  const merged = shards.merge(upper, lower, 1)
  expect(merged.parentIds).toEqual(['shardId-000000000001', 'shardId-000000000000'])
  expect([startOf(merged), endOf(merged)]).toEqual([0n, hashKeyCount - 1n])
  expect(shards.childrenOf(lower)).toEqual([merged])
  expect(shards.childrenOf(upper)).toEqual([merged])
  expect(shards.childrenOf(merged)).toEqual([])
})

test('a closed shard is kept until it expires, an open one for good', () => {
  const shards = new ShardSet(1, 1, false)
  const first = at(shards.open(), 0)
  shards.split(first, 5n, 10)
  shards.expire(10)
  expect(shards.get(first.shardId)).toBe(first)
  shards.expire(11)
  expect(shards.get(first.shardId)).toBeUndefined()
  expect(shards.all()).toEqual(shards.open())
  expect(shards.all()).toHaveLength(2)
})
