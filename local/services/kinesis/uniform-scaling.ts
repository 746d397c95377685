import { hashKeyCount, toHashKey } from './hash-key.ts'
import type { Shard } from './shard.ts'
import type { ShardSet } from './shard-set.ts'

/** Borders that are equal but for rounding differ by less than the number of shards, of which there are at most 10,000. */
const roundingHashKeys = 20_000n

/**
 * Splits and merges open shards until there are `targetCount` of equal size.
 *
 * It goes from the lowest hash keys up: a shard that ends too early is merged with the next one, which is split before
 * if it ends too late. Where the counts are no multiples of each other, pieces that live no longer than the call come
 * and go, as in Kinesis. Borders that differ from the target by rounding stay.
 * How Kinesis does it: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateShardCount.html
 */
export function scaleUniformly(shards: ShardSet, targetCount: number, nowMs: number): void {
  const width = hashKeyCount / BigInt(targetCount)
  let reached = 0n
  for (let index = 1; index <= targetCount; index += 1) {
    const isLast = index === targetCount
    const border = isLast ? hashKeyCount : width * BigInt(index)
    const slack = isLast ? 0n : roundingHashKeys
    const cut = (shard: Shard): Shard =>
      endOf(shard) > border + slack ? shards.split(shard, border, nowMs) : shard
    let shard = cut(shards.of(toHashKey(reached)))
    while (endOf(shard) < border - slack) {
      shard = shards.merge(shard, cut(shards.of(toHashKey(endOf(shard)))), nowMs)
    }
    reached = endOf(shard)
  }
}

/** The first hash key that is no longer the shard's. */
function endOf(shard: Shard): bigint {
  return BigInt(shard.hashKeyRange.endingHashKey) + 1n
}
