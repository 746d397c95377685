import { hash } from 'node:crypto'
import type { Position } from './ports.ts'

/**
 * The id of an event: 96 bits of SHA-256 as three words of 32 bits, so that a trillion events collide with a chance of
 * about 1 in 10^5.
 */
export type EventId = readonly [high: number, middle: number, low: number]

/**
 * The id of the event that `key` names within `namespace`. It depends on these two alone, never on the delivery;
 * lengths are part of what is hashed, so no two pairs share an input.
 */
export function eventId(namespace: string, key: string): EventId {
  const digest = hash('sha256', `${namespace.length}:${namespace}${key.length}:${key}`, 'buffer')
  return [digest.readUInt32BE(0), digest.readUInt32BE(4), digest.readUInt32BE(8)]
}

/** The idempotency key of an event that its producer gave none: its place in the stream. */
export function positionKey({ stream, shard, sequenceNumber }: Position): readonly string[] {
  return [stream, shard, sequenceNumber]
}

/**
 * The bucket of a routing key: its share of the MD5 space, by which Kinesis also routes partition keys to shards. So
 * where buckets equal shards, one shard's records meet only one bucket.
 */
export function bucketOf(routingKey: string, buckets: number): number {
  const position = hash('md5', routingKey, 'buffer').readUIntBE(0, 6)
  return Math.floor((position / 2 ** 48) * buckets)
}
