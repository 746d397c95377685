import { firstPosition } from './binary-search.ts'
import { type HashKeyRange, splitHashKeys, toHashKey } from './hash-key.ts'
import { Shard } from './shard.ts'

interface OpenShard {
  readonly shard: Shard
  /** In the form of `hashPartitionKey`. */
  readonly startingHashKey: string
}

/**
 * The shards of a stream: open ones, of which each hash key has one, and closed ones, until they expire.
 *
 * A shard that is split or merged closes, and what takes over its hash keys comes after it in the order of names.
 */
export class ShardSet {
  readonly #limited: boolean
  readonly #byId = new Map<string, Shard>()
  /** By hash key. */
  #open: readonly OpenShard[]
  #createdCount = 0

  constructor(shardCount: number, createdMs: number, limited: boolean) {
    this.#limited = limited
    this.#open = splitHashKeys(shardCount).map((range) => this.#create(range, createdMs, []))
  }

  /** All shards in the order of their names. */
  all(): readonly Shard[] {
    return [...this.#byId.values()]
  }

  /** The open shards in the order of their hash keys. */
  open(): readonly Shard[] {
    return this.#open.map(({ shard }) => shard)
  }

  get(shardId: string): Shard | undefined {
    return this.#byId.get(shardId)
  }

  /** The open shard of a hash key in the form of `hashPartitionKey`. */
  of(hashKey: string): Shard {
    const next = firstPosition(this.#open.length, (index) => this.#startAt(index) > hashKey)
    const found = this.#open[next - 1]
    if (found === undefined) throw new RangeError(`no shard for hash key ${hashKey}`)
    return found.shard
  }

  /** The shards that took over from a closed one. */
  childrenOf(shard: Shard): readonly Shard[] {
    return this.all().filter(({ parentIds }) => parentIds.includes(shard.shardId))
  }

  /**
   * Closes an open shard for two new ones, the second of which begins at a hash key within the range; returns the
   * first one.
   */
  split(shard: Shard, startingHashKey: bigint, nowMs: number): Shard {
    const { startingHashKey: start, endingHashKey: end } = shard.hashKeyRange
    shard.close(nowMs)
    const below = { startingHashKey: start, endingHashKey: String(startingHashKey - 1n) }
    const above = { startingHashKey: String(startingHashKey), endingHashKey: end }
    const lower = this.#create(below, nowMs, [shard])
    this.#replace([shard], [lower, this.#create(above, nowMs, [shard])])
    return lower.shard
  }

  /** Closes two open shards, the ranges of which follow each other in one order or the other, for the one it returns. */
  merge(shard: Shard, adjacent: Shard, nowMs: number): Shard {
    const [lower, upper] = follows(shard, adjacent) ? [shard, adjacent] : [adjacent, shard]
    shard.close(nowMs)
    adjacent.close(nowMs)
    const range = {
      startingHashKey: lower.hashKeyRange.startingHashKey,
      endingHashKey: upper.hashKeyRange.endingHashKey,
    }
    const merged = this.#create(range, nowMs, [shard, adjacent])
    this.#replace([lower, upper], [merged])
    return merged.shard
  }

  /** Forgets the shards that were closed before `horizonMs`, epoch milliseconds. */
  expire(horizonMs: number): void {
    for (const shard of this.#byId.values()) {
      if (shard.isExpired(horizonMs)) this.#byId.delete(shard.shardId)
    }
  }

  #create(hashKeyRange: HashKeyRange, createdMs: number, parents: readonly Shard[]): OpenShard {
    const index = this.#createdCount++
    const shard = new Shard({ index, hashKeyRange, createdMs, parents, limited: this.#limited })
    this.#byId.set(shard.shardId, shard)
    return { shard, startingHashKey: toHashKey(BigInt(hashKeyRange.startingHashKey)) }
  }

  #replace(closed: readonly Shard[], opened: readonly OpenShard[]): void {
    const first = this.#open.findIndex(({ shard }) => shard === closed[0])
    this.#open = this.#open.toSpliced(first, closed.length, ...opened)
  }

  #startAt(index: number): string {
    return this.#open[index]?.startingHashKey ?? ''
  }
}

/** Whether the range of the second shard begins where that of the first one ends. */
export function follows(first: Shard, second: Shard): boolean {
  return BigInt(first.hashKeyRange.endingHashKey) + 1n === BigInt(second.hashKeyRange.startingHashKey)
}
