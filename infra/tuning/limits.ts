import { fullestShare } from './fullest-share.ts'
import { fullBatchMs } from './lane.ts'
import type { Candidate } from './candidates.ts'
import { shardLimit } from './service-limits.ts'
import type { WholeWorkload } from './workload.ts'

/** What can limit a stream, by the name under which it is reported. */
export type LimitName =
  | 'shard-written-records'
  | 'shard-written-bytes'
  | 'shard-read-bytes'
  | 'shard-reads'
  | 'lane-service'
  | 'busiest-key'
  | 'lag-target'
  | 'momento-operations'

/** How much of a limit is used at the peak. */
export interface Limit {
  readonly name: LimitName
  readonly used: number
  readonly most: number
  readonly unit: string
  /** What to change where it is reached. */
  readonly advice: string
}

/** Of a lane's time: the rest is for batches that come again, and to catch up. */
export const busyShare = 0.8

/** Where the keys are too few to be spread any further. */
export const keyAdvice = 'a partition key with more values, none of which is so busy'

/** The limits that a peak uses up in proportion: twice the records use twice of each. */
export function throughputLimits(
  workload: WholeWorkload,
  candidate: Candidate,
  recordsPerSecond: number,
): Limit[] {
  const { recordBytes, busiestKeyShare, readers } = workload
  const { shardCount, factor, batchSize } = candidate
  const shardRecords = recordsPerSecond * fullestShare(shardCount, busiestKeyShare)
  const laneRecords = recordsPerSecond * fullestShare(shardCount * factor, busiestKeyShare)
  const laneMost = (busyShare * batchSize * 1_000) / fullBatchMs(candidate)
  const shardMost = Math.min(
    shardLimit.writtenRecordsPerSecond,
    shardLimit.writtenBytesPerSecond / recordBytes,
    shardLimit.readBytesPerSecond / recordBytes / readers,
  )
  const moreShards = 'more shards'
  return [
    {
      name: 'shard-written-records',
      used: shardRecords,
      most: shardLimit.writtenRecordsPerSecond,
      unit: 'records/s into the fullest shard',
      advice: `${moreShards}, or several events in one record`,
    },
    {
      name: 'shard-written-bytes',
      used: shardRecords * recordBytes,
      most: shardLimit.writtenBytesPerSecond,
      unit: 'bytes/s into the fullest shard',
      advice: `${moreShards}, or smaller records`,
    },
    {
      name: 'shard-read-bytes',
      used: shardRecords * recordBytes * readers,
      most: shardLimit.readBytesPerSecond,
      unit: 'bytes/s out of the fullest shard, by all its readers',
      advice: `${moreShards}, fewer pipelines on the stream, or smaller records`,
    },
    {
      name: 'lane-service',
      used: laneRecords,
      most: laneMost,
      unit: `records/s in the fullest lane, of what fills ${busyShare * 100} % of its time`,
      advice: `${moreShards}, more memory, or less work for each record`,
    },
    {
      name: 'busiest-key',
      used: recordsPerSecond * busiestKeyShare,
      most: Math.min(laneMost, shardMost),
      unit: 'records/s of the busiest key, which no shard and no lane shares with another',
      advice: keyAdvice,
    },
  ]
}

/** Those that do not follow the records in proportion. */
export function otherLimits(workload: WholeWorkload, lagMs: number, requestsPerSecond: number): Limit[] {
  return [
    {
      name: 'shard-reads',
      used: workload.readers,
      most: shardLimit.readsPerSecond,
      unit: 'reads/s of a shard, one for each reader',
      advice: 'fewer pipelines on the stream, or enhanced fan-out',
    },
    {
      name: 'lag-target',
      used: lagMs,
      most: workload.lagTargetMs,
      unit: 'ms until a record is counted',
      advice: 'a later target, or more memory',
    },
    {
      name: 'momento-operations',
      used: requestsPerSecond,
      most: workload.momentoOperationsPerSecond,
      unit: 'Momento requests/s',
      advice: 'a higher limit, on request of Momento, or a later lag target, with which batches are larger',
    },
  ]
}

/** A limit that is passed, and what to do about it. */
export function excessAsText({ used, most, unit, advice }: Limit): string {
  return `${rounded(used)} ${unit}, where ${rounded(most)} are allowed: it takes ${advice}`
}

/** With the digits that say something. */
export function rounded(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)))
}
