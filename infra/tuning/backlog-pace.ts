import { recordsInHand, workOff } from './backlog.ts'
import { foldedShare } from './lane.ts'

/** How a shard does while all of its lanes have a backlog. */
export interface BacklogPace {
  readonly recordsPerSecond: number
  /** How often a batch is tried again on average. */
  readonly repeats: number
}

/** Of each lane: more would tell the same. */
const playedBatches = 40
/** A batch is played as so many pieces at most, or long ones would take long. */
const mostPieces = 10

/**
 * The pace of a shard with equally busy lanes, each of which has a CPU of its own. The fixed part `batchMs` is made up of
 * `requestsPerBatch` requests that take the same time; a batch that is tried again makes two of them.
 */
export function backlogPace({
  factor,
  batchSize,
  batchMs,
  recordMs,
  requestsPerBatch,
}: {
  readonly factor: number
  readonly batchSize: number
  readonly batchMs: number
  readonly recordMs: number
  readonly requestsPerBatch: number
}): BacklogPace {
  const pieces = Math.min(batchSize, mostPieces)
  const pieceRecords = batchSize / pieces
  const pieceMs = recordMs * pieceRecords
  const requestMs = batchMs / requestsPerBatch
  const played = Array.from({ length: playedBatches * pieces * factor }, (_, piece) => piece % factor)
  const { durationMs, batches, requests } = workOff({
    costs: {
      batchMs: batchMs - requestMs,
      recordMs: pieceMs * (1 - foldedShare),
      foldMs: pieceMs * foldedShare,
      requestMs,
      waitMs: 0,
    },
    factor,
    batchSize: pieces,
    recordsInHand: recordsInHand(factor, batchSize) / pieceRecords,
    shards: [played],
  })
  // Its first batch reads the cell, which is no repeat.
  const repeated = Math.max(0, requests - batches - factor) / 2
  return { recordsPerSecond: (batches * batchSize * 1_000) / durationMs, repeats: repeated / batches }
}
