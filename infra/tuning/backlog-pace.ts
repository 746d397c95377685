import { type Candidate, timesWith } from './candidates.ts'
import { recordsInHand, workOff } from './backlog.ts'
import { foldedShare } from './lane.ts'
import { mappingLimit } from './service-limits.ts'
import type { Tuning } from './tuning.ts'
import { wholeWorkload, type Workload } from './workload.ts'

/** How a shard does while all of its lanes have a backlog. */
export interface BacklogPace {
  readonly recordsPerSecond: number
  /** How often a batch is tried again on average. */
  readonly repeats: number
}

/** Of each lane at least; and so often what may be in hand at once, so that lanes also wait for each other's records. */
const playedBatches = 40
const playedTimesInHand = 4
/** A batch is played as so many pieces at most, or long ones would take long. */
const mostPieces = 10

/**
 * The pace of a shard with equally busy lanes, each with a CPU of its own and in the environment that it has had before.
 * It is that of the lanes: a shard may give less to read.
 */
export function backlogPace({
  factor,
  batchSize,
  batchMs,
  repeatMs,
  recordMs,
}: Pick<Candidate, 'factor' | 'batchSize' | 'batchMs' | 'repeatMs' | 'recordMs'>): BacklogPace {
  const pieces = Math.min(batchSize, mostPieces)
  const pieceRecords = batchSize / pieces
  const pieceMs = recordMs * pieceRecords
  const requestMs = repeatMs / 2
  const inHand = recordsInHand(factor, batchSize) / pieceRecords
  const played = Math.ceil(Math.max(playedBatches * pieces * factor, playedTimesInHand * inHand))
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
    recordsInHand: inHand,
    shards: [Array.from({ length: played }, (_, piece) => piece % factor)],
  })
  // The first batch of each environment reads the cell, which is no repeat.
  const repeated = Math.max(0, requests - batches - factor) / 2
  return { recordsPerSecond: (played * pieceRecords * 1_000) / durationMs, repeats: repeated / batches }
}

/** One lane, and up to as many as there may be. */
const comparedFactors = [1, 2, 5, mappingLimit.parallelizationFactor]

/** What another factor would do for a shard with a backlog, with the batches and the memory of a recommendation. */
export function comparedPaces(
  workload: Workload,
  { batchSize, memoryMb }: Tuning,
): { readonly factor: number; readonly recordsPerSecond: number }[] {
  const times = timesWith(wholeWorkload(workload), memoryMb)
  return comparedFactors.map((factor) => {
    const { recordsPerSecond } = backlogPace({ factor, batchSize, ...times })
    return { factor, recordsPerSecond }
  })
}
