import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { hashPartitionKey, splitHashKeys, toHashKey } from '../../../../local/services/kinesis/hash-key.ts'

const LARGEST = 2n ** 128n - 1n

test('three shards get the ranges that Kinesis gives three shards', () => {
  expect(splitHashKeys(3)).toEqual([
    { startingHashKey: '0', endingHashKey: '113427455640312821154458202477256070484' },
    {
      startingHashKey: '113427455640312821154458202477256070485',
      endingHashKey: '226854911280625642308916404954512140969',
    },
    {
      startingHashKey: '226854911280625642308916404954512140970',
      endingHashKey: '340282366920938463463374607431768211455',
    },
  ])
})

test('for any number of shards the ranges cover every hash key once', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), (shardCount) => {
      const ranges = splitHashKeys(shardCount)
      expect(ranges).toHaveLength(shardCount)
      let next = 0n
      for (const { startingHashKey, endingHashKey } of ranges) {
        expect(BigInt(startingHashKey)).toBe(next)
        next = BigInt(endingHashKey) + 1n
      }
      expect(next).toBe(LARGEST + 1n)
    }),
  )
})

test('a partition key hashes to its MD5', () => {
  expect(hashPartitionKey('')).toBe('d41d8cd98f00b204e9800998ecf8427e')
  expect(hashPartitionKey('ü')).toBe('c03410a5204b21cd8229ff754688d743')
})

test('hash keys compare as strings as their values do as numbers', () => {
  const value = fc.bigInt({ min: 0n, max: LARGEST })
  fc.assert(
    fc.property(value, value, (a, b) => {
      expect(toHashKey(a) < toHashKey(b)).toBe(a < b)
    }),
  )
})
