import { mappingLimit } from './service-limits.ts'

/** A lane: one batch of a shard at a time, and `factor` of them a shard, all of which swap the same cell. */
export interface Lane {
  readonly shardCount: number
  readonly factor: number
  /** Of a batch, what does not depend on its records: it goes once more when the batch's swap is refused. */
  readonly batchMs: number
  readonly recordMs: number
  readonly batchSize: number
  /** What arrives for it. */
  readonly recordsPerSecond: number
}

/** How a lane does. */
export interface LaneState {
  /** From a record's arrival until it is counted, for one that has the worst luck in all. */
  readonly lagMs: number
  readonly recordsPerBatch: number
  readonly batchesPerSecond: number
  /** Of its time, the share in which it has an invocation under way. */
  readonly busyShare: number
}

/** The fixed point is reached much sooner, or not at all. */
const maximumRounds = 200
/** Two rounds that differ by less are the same. */
const settledMs = 0.01
/** More than expected come as often as the Poisson distribution says: hardly ever more than by this. */
const burstDeviations = 3

/**
 * The fixed part of a batch in hard times, in milliseconds, with all that is repeated of it.
 *
 * All lanes of a shard swap the same cell. A batch whose swap is refused, as another one was stored first, reads the cell,
 * folds, encodes and swaps again: that takes its fixed part once more, while its records stay decoded. Each other lane
 * may come first twice, with the batch that it has and with the next one; and once the copy of the cell may be old, as
 * another environment has had the shard meanwhile. With these bounds the lag holds in a simulation of the queue. A lane
 * that is all alone is never refused.
 */
export function contestedBatchMs({
  shardCount,
  factor,
  batchMs,
}: Pick<Lane, 'shardCount' | 'factor' | 'batchMs'>): number {
  return shardCount * factor === 1 ? batchMs : 2 * factor * batchMs
}

/**
 * How long after one swap of a shard the next one is stored on average, while every lane has a backlog, in milliseconds.
 *
 * A swap is stored only if no other was since its base was read, so the fixed parts go one after the other. The lane that
 * was stored last has the latest copy: it decodes its next batch and swaps, and is first again, unless another lane
 * read the cell while it decoded. Those try again once in a cycle, which takes two fixed parts (a read and a swap), or as
 * long as decoding if that is longer; where in it they are is a matter of chance, so the first of them reads after
 * `cycle / factor x (1 - (1 - decoding / cycle) ^ factor)`, decoding time at most. So lanes gain next to nothing where
 * decoding is short, and where it is long as much as Amdahl's law has it: only the fixed part is left of many lanes.
 *
 * Source: the mean of the least of evenly distributed values; Amdahl, "Validity of the single processor approach to
 * achieving large scale computing capabilities", 1967. `npm run bench -- tuning` compares it with the local stack.
 */
export function backlogIntervalMs({
  factor,
  batchMs,
  recordMs,
  batchSize,
}: Pick<Lane, 'factor' | 'batchMs' | 'recordMs' | 'batchSize'>): number {
  const decodingMs = recordMs * batchSize
  const cycleMs = Math.max(decodingMs, 2 * batchMs)
  return batchMs + (cycleMs / factor) * (1 - (1 - decodingMs / cycleMs) ** factor)
}

/**
 * How often a batch is tried again on average, while every lane has a backlog: by half of the others, each of which is as
 * likely before it as behind.
 */
export function backlogRepeats(factor: number): number {
  return (factor - 1) / 2
}

/** How long a full batch takes, with the fixed part that it has. */
export function fullBatchMs(
  { recordMs, batchSize }: Pick<Lane, 'recordMs' | 'batchSize'>,
  batchMs: number,
): number {
  return batchMs + recordMs * batchSize
}

/**
 * How a lane does with a batching window, in milliseconds; undefined if it falls behind for ever.
 *
 * A cycle is a window and an invocation, since the next window begins when the invocation ends, or a poll if that takes
 * longer: a shard that has been read to its end is read again a second later. A record waits at most for the poll, the
 * invocation that is under way, the window and its own invocation, which has all that has come in a cycle and a poll.
 */
export function laneState(lane: Lane, windowMs: number): LaneState | undefined {
  const { recordMs, batchSize } = lane
  const batchMs = contestedBatchMs(lane)
  const recordsPerMs = lane.recordsPerSecond / 1_000
  const { pollIntervalMs } = mappingLimit
  if (recordsPerMs * fullBatchMs(lane, batchMs) >= batchSize) return undefined
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
