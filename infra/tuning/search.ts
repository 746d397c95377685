import { type Candidate, candidatesFor } from './candidates.ts'
import { fullestShare } from './fullest-share.ts'
import { type Lane, laneState } from './lane.ts'
import { excessAsText, keyAdvice, type Limit, otherLimits, throughputLimits } from './limits.ts'
import { maximumShards } from './service-limits.ts'
import { TuningError, type WholeWorkload } from './workload.ts'

/**
 * The first candidate that takes the peak within the lag target, of the fewest shards of which one does.
 * @throws TuningError that names the limit in the way, and what to change.
 */
export function leastCandidate(workload: WholeWorkload): Candidate {
  const { shardCount = maximumShards } = workload
  const found = (shards: number): Candidate | undefined =>
    candidatesFor(workload, shards).find((candidate) => excess(workload, candidate) === undefined)
  // One shard with one lane is the only one that is never refused, so that a few keys may do with it and no other.
  const alone = workload.shardCount === undefined ? found(1) : undefined
  if (alone !== undefined) return alone
  if (found(shardCount) === undefined) throw new TuningError(refusal(workload, shardCount))
  // More shards never make anything worse from here on.
  const fewest =
    workload.shardCount ?? 1 + lastThat((shards) => found(shards) === undefined, 1, maximumShards)
  const candidate = found(fewest)
  if (candidate === undefined) throw new Error('what does with more shards does not with fewer')
  return candidate
}

/** The lane with the most records, at the peak. */
export function fullestLane(workload: WholeWorkload, candidate: Candidate): Lane {
  const share = fullestShare(candidate.shardCount * candidate.factor, workload.busiestKeyShare)
  return { ...candidate, recordsPerSecond: workload.peakRecordsPerSecond * share }
}

/** The largest whole number up to `most` for which `holds`, if it holds up to one and for none after; or else `least`. */
export function lastThat(holds: (value: number) => boolean, least: number, most: number): number {
  let [low, high] = [least, most]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (holds(middle)) low = middle
    else high = middle - 1
  }
  return low
}

/** The limit that a candidate passes, if it passes one. */
function excess(workload: WholeWorkload, candidate: Candidate): Limit | undefined {
  const throughput = throughputLimits(workload, candidate, workload.peakRecordsPerSecond).find(isPassed)
  if (throughput !== undefined) return throughput
  const lagMs = laneState(fullestLane(workload, candidate), 0)?.lagMs ?? Infinity
  return otherLimits(workload, lagMs, 0).find(isPassed)
}

function isPassed({ used, most }: Limit): boolean {
  return used > most
}

/** What is in the way of the candidate that comes nearest. */
function refusal(workload: WholeWorkload, shardCount: number): string {
  const excesses = candidatesFor(workload, shardCount).flatMap(
    (candidate) => excess(workload, candidate) ?? [],
  )
  const nearest = excesses.reduce((a, b) => (b.used / b.most < a.used / a.most ? b : a))
  const isOfKeys = workload.shardCount === undefined && /^(shard-written|shard-read-|lane)/.test(nearest.name)
  const advice = isOfKeys ? keyAdvice : nearest.advice
  const shards =
    workload.shardCount === undefined ? 'no number of shards does' : `${shardCount} shards do not`
  return `${shards}: ${excessAsText({ ...nearest, advice })}`
}
