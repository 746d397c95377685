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
  const digest = hash('sha256', `${namespace.length}:${namespace}${key.length}:${key}`, 'binary')
  return [wordOf(digest, 0), wordOf(digest, 4), wordOf(digest, 8)]
}

/** 32 bits of a digest, big endian. A digest comes as text because a buffer for each would take three times as long. */
function wordOf(digest: string, at: number): number {
  return (
    ((digest.charCodeAt(at) << 24) |
      (digest.charCodeAt(at + 1) << 16) |
      (digest.charCodeAt(at + 2) << 8) |
      digest.charCodeAt(at + 3)) >>>
    0
  )
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
  return bucketAt(bucketSpaceShare(routingKey), buckets)
}

/** Where in the MD5 space a routing key lies, from 0 to below 1. */
export function bucketSpaceShare(routingKey: string): number {
  const digest = hash('md5', routingKey, 'binary')
  return (wordOf(digest, 0) * 2 ** 16 + (wordOf(digest, 4) >>> 16)) / 2 ** 48
}

/** The bucket to which that place in the MD5 space belongs. */
export function bucketAt(share: number, buckets: number): number {
  return Math.floor(share * buckets)
}
