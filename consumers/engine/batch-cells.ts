import { cellAddress } from './cell.ts'
import { bucketAt, bucketSpaceShare } from './identity.ts'
import type { Pipeline } from './pipeline.ts'

/**
 * What is known of one batch's cells: each routing key is hashed once, and each address is one text, however many events
 * have it. No object of a shape of its own: between batches V8 would drop the shape, and with it the compiled code of
 * all that decodes a record.
 */
export type BatchCells = readonly [
  shares: Map<string, number>,
  addresses: Map<Pipeline, Map<number, string[]>>,
]

/** Of a batch of which nothing is known yet. */
export function newBatchCells(): BatchCells {
  return [new Map(), new Map()]
}

/** As `bucketOf` of identity.ts. */
export function bucketIn([shares]: BatchCells, routingKey: string, buckets: number): number {
  let share = shares.get(routingKey)
  if (share === undefined) shares.set(routingKey, (share = bucketSpaceShare(routingKey)))
  return bucketAt(share, buckets)
}

/** As `cellAddress` of cell.ts. */
export function addressIn(
  [, addresses]: BatchCells,
  pipeline: Pipeline,
  paneStartMs: number,
  bucket: number,
): string {
  let panes = addresses.get(pipeline)
  if (panes === undefined) addresses.set(pipeline, (panes = new Map()))
  let byBucket = panes.get(paneStartMs)
  if (byBucket === undefined) panes.set(paneStartMs, (byBucket = []))
  return (byBucket[bucket] ??= cellAddress(pipeline, paneStartMs, bucket))
}
