import { type BacklogPace, backlogPace } from './backlog-pace.ts'
import type { Candidate } from './candidates.ts'
import { fullestLane, lastThat, leastCandidate } from './search.ts'
import { fullestShare } from './fullest-share.ts'
import { catchUpMs, fullBatchMs, laneState, type LaneState } from './lane.ts'
import { excessAsText, type Limit, type LimitName, otherLimits, throughputLimits } from './limits.ts'
import { reasonsFor } from './reasons.ts'
import { mappingLimit, momentoUnit, shardLimit } from './service-limits.ts'
import type { Tuning } from './tuning.ts'
import { type WholeWorkload, wholeWorkload, type Workload } from './workload.ts'

export type { Tuning } from './tuning.ts'
export { TuningError, type Workload } from './workload.ts'

const hourMs = 3_600_000
/** A request to Momento may take a second, and a batch some of them. */
const leastTimeoutMs = 30_000
/** A time-out is there for what hangs, not for what is slow. */
const timeoutInBatches = 10

/**
 * Finds the fewest shards that take the peak within the lag target, then the least memory and the fewest lanes a
 * shard, then the largest batches: each costs less than what it is preferred to. Deterministic; for keys that a hash
 * deals to shards and lanes, in 99 of 100 streams.
 * @throws TuningError of one line that says what to change: for a number outside its range, or if nothing would do.
 */
export function tune(workload: Workload): Tuning {
  const whole = wholeWorkload(workload)
  const candidate = leastCandidate(whole)
  const { shardCount, factor, memoryMb, batchSize } = candidate
  const { windowMs, state } = largestWindow(whole, candidate)
  const { lagMs, recordsPerBatch } = state
  // The lanes together: each has its share then.
  const lanes = shardCount * factor
  const even =
    laneState({ ...candidate, recordsPerSecond: whole.peakRecordsPerSecond / lanes }, windowMs) ?? state
  const invocationsPerSecond = even.batchesPerSecond * lanes
  const pace = backlogPace(candidate)
  // A refused swap is one request more, and the read after it another.
  const repeats = pace.repeats * (windowMs === 0 ? 1 : even.busyShare)
  const requestsPerSecond = invocationsPerSecond * (whole.requestsPerBatch + 2 * repeats)
  const unitsPerBatch = whole.requestsPerBatch - 1 + repeats + (1 + repeats) * momentoUnit.conditionalWrites
  const unitsPerRequest = Math.ceil(whole.cellBytes / momentoUnit.bytes)

  const throughput = throughputLimits(whole, candidate, whole.peakRecordsPerSecond)
  const limits = [...throughput, ...otherLimits(whole, lagMs, requestsPerSecond)].sort(
    (a, b) => b.used / b.most - a.used / a.most,
  )
  const timeoutMs = Math.min(
    Math.max(leastTimeoutMs, Math.ceil((timeoutInBatches * fullBatchMs(candidate)) / 1_000) * 1_000),
    whole.longestInvocationMs,
  )
  const settings = {
    shardCount,
    parallelizationFactor: factor,
    batchSize,
    batchingWindowMs: windowMs,
    memoryMb,
    timeoutMs,
    reservedConcurrency: lanes,
  }
  return {
    ...settings,
    expectedLagMs: lagMs,
    catchUpAfterOutageMs: catchUpAfter(whole, candidate, pace),
    capacityRecordsPerSecond: Math.floor(
      whole.peakRecordsPerSecond / Math.max(...throughput.map(({ used, most }) => used / most)),
    ),
    recordsPerBatch,
    invocationsPerSecond,
    attemptsPerBatch: 1 + repeats,
    momentoRequestsPerSecond: requestsPerSecond,
    momentoUnitsPerSecond: invocationsPerSecond * unitsPerBatch * unitsPerRequest,
    limits,
    limitedBy: nearestOf(limits, windowMs),
    reasons: reasonsFor(whole, candidate, settings),
    warnings: limits.filter(({ used, most }) => used > most).map(excessAsText),
  }
}

/** Of limits in their order. */
function nearestOf(limits: readonly Limit[], windowMs: number): LimitName {
  // The lag is spent on purpose, on larger batches: it limits only where no window is left.
  const nearest = limits.find(({ name }) => name !== 'lag-target' || windowMs === 0)
  const key = limits.find(({ name }) => name === 'busiest-key')
  if (nearest === undefined || key === undefined) throw new Error('a limit is missing')
  // Half of what fills a shard or a lane is one key: it can be spread no further.
  const isOfKey = /^(shard-(written|read-bytes)|lane)/.test(nearest.name)
  return isOfKey && key.used / key.most > nearest.used / nearest.most / 2 ? key.name : nearest.name
}

/** The largest window, in whole seconds, with which the fullest lane keeps to the lag target. */
function largestWindow(
  workload: WholeWorkload,
  candidate: Candidate,
): { windowMs: number; state: LaneState } {
  const lane = fullestLane(workload, candidate)
  const keepsTo = (seconds: number): boolean =>
    (laneState(lane, seconds * 1_000)?.lagMs ?? Infinity) <= workload.lagTargetMs
  const seconds = lastThat(keepsTo, 0, mappingLimit.batchingWindowMs / 1_000)
  const state = laneState(lane, seconds * 1_000)
  if (state === undefined) throw new Error('the lane found does not keep up')
  return { windowMs: seconds * 1_000, state }
}

/** Of the shard and the lane that have most to make up for. */
function catchUpAfter(workload: WholeWorkload, candidate: Candidate, pace: BacklogPace): number {
  const { meanRecordsPerSecond, busiestKeyShare, recordBytes, readers } = workload
  const { shardCount, factor } = candidate
  const shardRecords = meanRecordsPerSecond * fullestShare(shardCount, busiestKeyShare)
  const laneRecords = meanRecordsPerSecond * fullestShare(shardCount * factor, busiestKeyShare)
  return Math.max(
    catchUpMs(hourMs, shardRecords, shardLimit.readBytesPerSecond / readers / recordBytes),
    catchUpMs(hourMs, laneRecords, pace.recordsPerSecond / factor),
  )
}
