import { mappingLimit } from './service-limits.ts'

/** A lane: one batch of a shard at a time, and `factor` of them a shard, all of which swap the same cell. */
export interface Lane {
  readonly factor: number
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
  /** How often a batch is tried, on average: again whenever another lane's swap came first. */
  readonly attempts: number
}

const bisections = 40
/** The fixed point is reached much sooner, or not at all. */
const maximumRounds = 200

/**
 * How often a batch is tried where `lanes` are at work on one cell at a time (a part of one counts as such): t with
 * t = 1 + (1 - 1/lanes) e^((lanes - 1) / t).
 *
 * The first try swaps against the copy that the instance has, which is the latest one in one of `lanes` cases. Every
 * other try reads, folds and swaps, which takes about as long as the first did; it fails if one of the others, each of
 * which succeeds once in t tries, succeeds meanwhile: a Poisson process. Two lanes on a cell do the work of 1.1, five of 1.4, ten
 * of 1.8; `npm run bench -- tuning` measures it.
 */
export function attemptsAmong(lanes: number): number {
  let [low, high] = [1, Math.max(1, lanes)]
  for (let step = 0; step < bisections; step += 1) {
    const middle = (low + high) / 2
    if (1 + (1 - 1 / lanes) * Math.exp((lanes - 1) / middle) > middle) low = middle
    else high = middle
  }
  return high
}

/** How long a full batch takes while every lane has more to do than it can. */
export function fullBatchMs({
  factor,
  batchMs,
  recordMs,
  batchSize,
}: Omit<Lane, 'recordsPerSecond'>): number {
  return (batchMs + recordMs * batchSize) * attemptsAmong(factor)
}

/**
 * How a lane does with a batching window, in milliseconds; undefined if it falls behind for ever.
 *
 * A cycle is a window and an invocation, since the next window begins when the invocation ends, or a poll if that takes
 * longer: a shard that has been read to its end is read again a second later. A record waits at most for the poll, the
 * invocation that is under way, the window and its own invocation, which has all that has come in a cycle and a poll.
 */
export function laneState(lane: Lane, windowMs: number): LaneState | undefined {
  const { factor, batchMs, recordMs, batchSize } = lane
  const recordsPerMs = lane.recordsPerSecond / 1_000
  const { pollIntervalMs } = mappingLimit
  if (recordsPerMs * fullBatchMs(lane) >= batchSize) return undefined
  let cycleMs = Math.max(pollIntervalMs, windowMs)
  for (let round = 0; ; round += 1) {
    const records = recordsPerMs * cycleMs
    const once = timeFor(records)
    let attempts = 1
    // The busier the others, the more often again; and the more often again, the busier.
    for (let each = 0; each < bisections; each += 1)
      attempts = attemptsAmong(1 + (factor - 1) * Math.min(1, (once * attempts) / cycleMs))
    const nextMs = Math.max(pollIntervalMs, windowMs + once * attempts)
    if (Math.abs(nextMs - cycleMs) < 0.01 || round === maximumRounds) {
      const mostMs = timeFor(recordsPerMs * (nextMs + pollIntervalMs)) * attempts
      const recordsPerBatch = Math.min(batchSize, Math.max(1, records))
      return {
        lagMs: pollIntervalMs + windowMs + 2 * mostMs,
        recordsPerBatch,
        batchesPerSecond: lane.recordsPerSecond / recordsPerBatch,
        attempts,
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
