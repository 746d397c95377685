import { busyShare, rounded } from './limits.ts'
import type { Candidate } from './candidates.ts'
import { mappingLimit } from './service-limits.ts'
import type { TunedSetting } from './tuning.ts'
import type { WholeWorkload } from './workload.ts'

/** Why each setting is as it is, in a sentence without its full stop. */
export function reasonsFor(
  workload: WholeWorkload,
  { factor, batchSizeReason }: Candidate,
  { batchingWindowMs, timeoutMs }: Readonly<Record<TunedSetting, number>>,
): Readonly<Record<TunedSetting, string>> {
  const { shardCount, lagTargetMs, longestInvocationMs } = workload
  return {
    shardCount:
      shardCount === undefined
        ? 'the fewest whose fullest takes its part of the peak, keys being unevenly dealt'
        : 'as given',
    parallelizationFactor:
      factor === 1
        ? `one lane a shard is busy for less than ${busyShare * 100} % of its time`
        : `so many lanes of a shard keep up, ${rounded(busyShare * 100)} % busy at most; ${mappingLimit.parallelizationFactor} are the most`,
    batchSize: batchSizeReason,
    batchingWindowMs:
      batchingWindowMs === mappingLimit.batchingWindowMs
        ? 'the most that a mapping takes'
        : `the most that leaves a record counted within ${rounded(lagTargetMs)} ms: the longer, the fewer requests`,
    memoryMb:
      workload.memoryMb === undefined
        ? 'the least of those tried that keeps up with so few lanes; a whole CPU comes with 1,769 MB'
        : 'as given',
    timeoutMs:
      timeoutMs === longestInvocationMs
        ? 'the most that the pipeline allows'
        : 'at least ten full batches, and what Momento may take to answer or not to',
    reservedConcurrency: 'an invocation for each lane of each shard',
  }
}
