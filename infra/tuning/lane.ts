import { mappingLimit } from './service-limits.ts'

/** A lane: one batch of a shard at a time, and `factor` of them a shard, all of which swap the same cell. */
export interface Lane {
  readonly shardCount: number
  readonly factor: number
  readonly batchMs: number
  readonly recordMs: number
  /** The share of a batch's time that goes once more when its swap is refused. */
  readonly repeatShare: number
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

type Repeating = Pick<Lane, 'shardCount' | 'factor' | 'repeatShare'>

/**
 * How much longer a batch takes in hard times than one that nothing disturbs.
 *
 * All lanes of a shard swap the same cell. A batch is tried again, which takes `repeatShare` of its time, whenever another
 * one was stored first: each other lane may come first twice, with the batch that it has and with the next one; and
 * once the copy of the cell may be old, as another environment has had the shard meanwhile. With these bounds the lag
 * holds in a simulation of the queue. So more lanes help little, unless `repeatShare` is small. A lane that is all alone is
 * never refused.
 */
export function stretchOf({ shardCount, factor, repeatShare }: Repeating): number {
  return shardCount * factor === 1 ? 1 : 1 + repeatShare * (2 * factor - 1)
}

/**
 * The same on average, while every lane has more to do than it can: one after the other is stored. A lane that is alone
 * on its shard keeps its environment then, and nothing is tried again. `npm run bench -- tuning` measures it.
 */
export function backlogStretchOf({ factor, repeatShare }: Omit<Repeating, 'shardCount'>): number {
  return factor === 1 ? 1 : 1 + repeatShare * factor
}

/** How long a full batch takes that nothing disturbs. */
export function fullBatchMs({ batchMs, recordMs, batchSize }: Omit<Lane, 'recordsPerSecond'>): number {
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
  const { batchMs, recordMs, batchSize } = lane
  const recordsPerMs = lane.recordsPerSecond / 1_000
  const { pollIntervalMs } = mappingLimit
  const stretch = stretchOf(lane)
  if (recordsPerMs * fullBatchMs(lane) * stretch >= batchSize) return undefined
  let cycleMs = Math.max(pollIntervalMs, windowMs)
  for (let round = 0; ; round += 1) {
    const records = recordsPerMs * cycleMs
    const invocationMs = timeFor(records) * stretch
    const nextMs = Math.max(pollIntervalMs, windowMs + invocationMs)
    if (Math.abs(nextMs - cycleMs) < settledMs || round === maximumRounds) {
      const expected = recordsPerMs * (nextMs + pollIntervalMs)
      const longestMs = timeFor(expected + burstDeviations * Math.sqrt(expected)) * stretch
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
