import { createHash } from 'node:crypto'

const lastWordOffset = 12

/**
 * The lane of an ordering key, from 0 to below `parallelizationFactor`: always the same one.
 *
 * AWS does not say by which hash it assigns keys to lanes; this one is a choice. Kinesis routes a key to its shard
 * by the first bits of its MD5, so the keys of a shard have those in common; the last bits spread them evenly.
 */
export function laneOfKey(orderingKey: string, parallelizationFactor: number): number {
  if (parallelizationFactor === 1) return 0
  return createHash('md5').update(orderingKey).digest().readUInt32BE(lastWordOffset) % parallelizationFactor
}
