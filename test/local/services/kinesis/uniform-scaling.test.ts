import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { hashKeyCount } from '../../../../local/services/kinesis/hash-key.ts'
import { ShardSet } from '../../../../local/services/kinesis/shard-set.ts'
import { scaleUniformly } from '../../../../local/services/kinesis/uniform-scaling.ts'

const ROUNDING = 100_000n

function index(shardId: string): number {
  return Number(shardId.slice('shardId-'.length))
}

function lineage(shards: ShardSet): string[] {
  return shards
    .all()
    .map(({ shardId, parentIds, end }) =>
      [index(shardId), '<', ...parentIds.map(index), end ? 'closed' : 'open'].join(' '),
    )
}

test('to the double every shard is split once, to the half two are merged', () => {
  const shards = new ShardSet(3, 1, false)
  scaleUniformly(shards, 6, 1)
  expect(lineage(shards)).toEqual([
    '0 < closed',
    '1 < closed',
    '2 < closed',
    '3 < 0 open',
    '4 < 0 open',
    '5 < 1 open',
    '6 < 1 open',
    '7 < 2 open',
    '8 < 2 open',
  ])
  scaleUniformly(shards, 3, 1)
  expect(lineage(shards).slice(9)).toEqual(['9 < 3 4 open', '10 < 5 6 open', '11 < 7 8 open'])
  expect(shards.open()).toHaveLength(3)
})

test('from four to three, shards 6, 9 and 10 are open at last, as in Kinesis', () => {
  const shards = new ShardSet(4, 1, false)
  scaleUniformly(shards, 3, 1)
  expect(lineage(shards).filter((line) => line.endsWith('open'))).toEqual([
    '6 < 0 4 open',
    '9 < 5 7 open',
    '10 < 8 3 open',
  ])
})

test('to the same number nothing changes', () => {
  const shards = new ShardSet(7, 1, false)
  scaleUniformly(shards, 7, 1)
  expect(shards.all()).toHaveLength(7)
})

test('from any shards to any number they are of equal size', () => {
  const cut = fc.bigInt({ min: 2n, max: hashKeyCount - 2n })
  fc.assert(
    fc.property(fc.array(cut, { maxLength: 8 }), fc.integer({ min: 1, max: 20 }), (cuts, targetCount) => {
      const shards = new ShardSet(1, 1, false)
      for (const hashKey of new Set(cuts))
        shards.split(shards.of(hashKey.toString(16).padStart(32, '0')), hashKey, 1)
      scaleUniformly(shards, targetCount, 1)
      expect(shards.open()).toHaveLength(targetCount)
      const width = hashKeyCount / BigInt(targetCount)
      for (const { hashKeyRange } of shards.open()) {
        const own = BigInt(hashKeyRange.endingHashKey) - BigInt(hashKeyRange.startingHashKey)
        expect(own - width < ROUNDING && width - own < ROUNDING).toBe(true)
      }
    }),
  )
})
