import { mappingLimit } from './service-limits.ts'

/** A lane: one batch of a shard at a time, and `factor` of them a shard, all of which swap the same cell. */
export interface Lane {
  readonly shardCount: number
  readonly factor: number
  /** Of a batch, what does not depend on its records. */
  readonly batchMs: number
  /** What goes once more of that when the batch's swap is refused. */
  readonly repeatMs: number
  readonly recordMs: number
  readonly batchSize: number
  /** What arrives for it. */
  readonly recordsPerSecond: number
}

type LaneTimes = Pick<Lane, 'shardCount' | 'factor' | 'batchMs' | 'repeatMs' | 'recordMs'>

/** How a lane does. */
export interface LaneState {
  /** From a record's arrival until it is counted, for one that has the worst luck in all. */
  readonly lagMs: number
  readonly recordsPerBatch: number
  readonly batchesPerSecond: number
  /** Of its time, the share in which it has an invocation under way. */
  readonly busyShare: number
}

/**
 * Of what a record takes, the share that goes again with each attempt: decoded records are folded into the cell as it is
 * then. Of the flights, a record took 2.5 to 4 microseconds to fold in a loop of its own, and some 14 in all
 * (`npm run bench -- handler`).
 */
export const foldedShare = 0.2
/** The fixed point is reached much sooner, or not at all. */
const maximumRounds = 200
/** Two rounds that differ by less are the same. */
const settledMs = 0.01
/** More than expected come as often as the Poisson distribution says: hardly ever more than by this. */
const burstDeviations = 3

/**
 * What a batch and each of its records take in hard times, in milliseconds, with all that is repeated of it.
 *
 * All lanes of a shard swap the same cell. A batch whose swap is refused, as another one was stored first, reads the cell,
 * folds, encodes and swaps again: that takes `repeatMs`, and of its records what is not decoding.
 * Each other lane may come first twice, with the batch that it has and with the next one; and once the copy of the cell may
 * be old, as another environment has had the shard meanwhile. With these bounds the lag holds in a simulation of the
 * queue. A lane that is all alone is never refused.
 */
export function contestedTimes({
  shardCount,
  factor,
  batchMs,
  repeatMs,
  recordMs,
}: LaneTimes): Pick<Lane, 'batchMs' | 'recordMs'> {
  const repeats = shardCount * factor === 1 ? 0 : 2 * factor - 1
  return { batchMs: batchMs + repeats * repeatMs, recordMs: recordMs * (1 + repeats * foldedShare) }
}

/** How long a full batch takes in hard times. */
export function fullBatchMs(lane: LaneTimes & Pick<Lane, 'batchSize'>): number {
  const { batchMs, recordMs } = contestedTimes(lane)
  return batchMs + recordMs * lane.batchSize
}

/**
 * How a lane does with a batching window, in milliseconds; undefined if it falls behind for ever.
 *
 * A cycle is a window and an invocation, since the next window begins when the invocation ends, or a poll if that takes
 * longer: a shard that has been read to its end is read again a second later. A record waits at most for the poll, the
 * invocation that is under way, the window and its own invocation, which has all that has come in a cycle and a poll.
 */
export function laneState(lane: Lane, windowMs: number): LaneState | undefined {
  const { batchSize } = lane
  const { batchMs, recordMs } = contestedTimes(lane)
  const recordsPerMs = lane.recordsPerSecond / 1_000
  const { pollIntervalMs } = mappingLimit
  if (recordsPerMs * fullBatchMs(lane) >= batchSize) return undefined
  let cycleMs = Math.max(pollIntervalMs, windowMs)
  for (let round = 0; ; round += 1) {
    const records = recordsPerMs * cycleMs
    const invocationMs = timeFor(records)
    const nextMs = Math.max(pollIntervalMs, windowMs + invocationMs)
    if (Math.abs(nextMs - cycleMs) < settledMs || round === maximumRounds) {
      const expected = recordsPerMs * (nextMs + pollIntervalMs)
      const longestMs = timeFor(expected + burstDeviations * Math.sqrt(expected))
      const recordsPerBatch = Math.min(batchSize, Math.max(1, records))
      return {
        lagMs: pollIntervalMs + windowMs + 2 * longestMs,
        recordsPerBatch,
        batchesPerSecond: lane.recordsPerSecond / recordsPerBatch,
        busyShare: Math.min(1, invocationMs / nextMs),
      }
    }
    cycleMs = nextMs
  }

  function timeFor(records: number): number {
    return Math.ceil(Math.max(records, 1) / batchSize) * batchMs + recordMs * records
  }
}

/** How long a queue takes that has grown for `outageMs` at `arriving`, until it is gone at `served`, both a second. */
export function catchUpMs(outageMs: number, arriving: number, served: number): number {
  return arriving >= served ? Infinity : (outageMs * arriving) / (served - arriving)
}
