import { hashKeyCount, toHashKey } from './hash-key.ts'
import type { Shard } from './shard.ts'
import type { ShardSet } from './shard-set.ts'

/** Borders that are equal but for rounding differ by less than the number of shards, of which there are at most 10,000. */
const roundingHashKeys = 20_000n

/**
 * Splits and merges open shards until there are `targetCount` of equal size.
 *
 * First the shards are split at each border of the target that is none yet, then those between two borders are merged:
 * where the counts are no multiples of each other, pieces that live no longer than the call come and go, as in Kinesis.
 * Borders that differ from the target by rounding stay.
 * How Kinesis does it: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateShardCount.html
 */
export function scaleUniformly(shards: ShardSet, targetCount: number, nowMs: number): void {
  const width = hashKeyCount / BigInt(targetCount)
  for (let index = 1; index < targetCount; index += 1) {
    const border = width * BigInt(index)
    const shard = shards.of(toHashKey(border))
    const next = BigInt(shard.hashKeyRange.endingHashKey) + 1n
    if (!isNear(startOf(shard), border) && !isNear(next, border)) shards.split(shard, border, nowMs)
  }
  let [lower, ...rest] = shards.open()
  for (const upper of rest) {
    const start = startOf(upper)
    const nearest = (start + width / 2n) / width
    const isBorder = nearest < targetCount && isNear(start, nearest * width)
    lower = lower === undefined || isBorder ? upper : shards.merge(lower, upper, nowMs)
  }
}

function startOf(shard: Shard): bigint {
  return BigInt(shard.hashKeyRange.startingHashKey)
}

function isNear(hashKey: bigint, border: bigint): boolean {
  const difference = hashKey - border
  return -roundingHashKeys < difference && difference < roundingHashKeys
}
