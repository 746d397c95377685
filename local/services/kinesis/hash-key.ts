import { hash } from 'node:crypto'

/** Hash keys are the integers from 0 up to, but without, this one. */
export const hashKeyCount = 2n ** 128n
const hexDigits = 32

/** A shard's share of the hash keys, both ends included, as the decimal strings of the API. */
export interface HashKeyRange {
  readonly startingHashKey: string
  readonly endingHashKey: string
}

/**
 * Splits the hash keys as Kinesis does when it creates a stream: equal ranges, rounded down, and the last one
 * takes the rest.
 */
export function splitHashKeys(shardCount: number): readonly HashKeyRange[] {
  const width = hashKeyCount / BigInt(shardCount)
  return Array.from({ length: shardCount }, (_, index) => {
    const start = width * BigInt(index)
    const end = index === shardCount - 1 ? hashKeyCount : start + width
    return { startingHashKey: String(start), endingHashKey: String(end - 1n) }
  })
}

/**
 * The hash key of a partition key, its MD5, as 32 hexadecimal digits.
 *
 * All hash keys have that form, so they compare as numbers by comparing as strings.
 */
export function hashPartitionKey(partitionKey: string): string {
  return hash('md5', partitionKey, 'hex')
}

/** A hash key from its value, in the same form as {@link hashPartitionKey} gives. */
export function toHashKey(value: bigint): string {
  return value.toString(16).padStart(hexDigits, '0')
}
