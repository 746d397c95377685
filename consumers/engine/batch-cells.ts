import { cellAddress } from './cell.ts'
import { bucketAt, bucketSpaceShare } from './identity.ts'
import type { Pipeline } from './pipeline.ts'

/** The cells of one batch: each routing key is hashed once, and each address is one text, however many events have it. */
export class BatchCells {
  readonly #shares = new Map<string, number>()
  readonly #addresses = new Map<Pipeline, Map<number, string[]>>()

  /** As `bucketOf` of identity.ts. */
  bucketOf(routingKey: string, buckets: number): number {
    let share = this.#shares.get(routingKey)
    if (share === undefined) {
      share = bucketSpaceShare(routingKey)
      this.#shares.set(routingKey, share)
    }
    return bucketAt(share, buckets)
  }

  /** As `cellAddress` of cell.ts. */
  addressOf(pipeline: Pipeline, paneStartMs: number, bucket: number): string {
    let panes = this.#addresses.get(pipeline)
    if (panes === undefined) this.#addresses.set(pipeline, (panes = new Map()))
    let byBucket = panes.get(paneStartMs)
    if (byBucket === undefined) panes.set(paneStartMs, (byBucket = []))
    return (byBucket[bucket] ??= cellAddress(pipeline, paneStartMs, bucket))
  }
}
