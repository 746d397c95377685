import type { Limit, LimitName } from './limits.ts'

/** Settings for a stream, its mapping and its function, and what is to be expected of them at the peak. */
export interface Tuning {
  readonly shardCount: number
  /** Lanes a shard: batches of it that are under way at once. */
  readonly parallelizationFactor: number
  /** Records a batch at most. */
  readonly batchSize: number
  /** Whole seconds, as a mapping takes them. */
  readonly batchingWindowMs: number
  readonly memoryMb: number
  /** Whole seconds. */
  readonly timeoutMs: number
  /** Invocations at once: one a lane. */
  readonly reservedConcurrency: number
  /** Within which a record is counted at the peak, from its arrival on. */
  readonly expectedLagMs: number
  /** How long it takes, from its end on, until an outage of an hour has been made up for; at the mean load. */
  readonly catchUpAfterOutageMs: number
  /** The largest peak that the settings take in the worst case; the lag may then be over its target. */
  readonly capacityRecordsPerSecond: number
  /** Records of a batch of the fullest lane at the peak. */
  readonly recordsPerBatch: number
  readonly invocationsPerSecond: number
  /** How often a batch is tried on average, as lanes of a shard swap the same cell. */
  readonly attemptsPerBatch: number
  readonly momentoRequestsPerSecond: number
  /** What Momento charges by: a kilobyte of a request, twice for a conditional write. */
  readonly momentoUnitsPerSecond: number
  /** How much of each limit is used at the peak, the most used first. */
  readonly limits: readonly Limit[]
  /** The limit that would be reached first, if there were more of everything. */
  readonly limitedBy: LimitName
  /** Why each setting is as it is. */
  readonly reasons: Readonly<Record<TunedSetting, string>>
  /** What does not work as it is, and what to change. */
  readonly warnings: readonly string[]
}

/** The settings among the members of a tuning. */
export type TunedSetting =
  | 'shardCount'
  | 'parallelizationFactor'
  | 'batchSize'
  | 'batchingWindowMs'
  | 'memoryMb'
  | 'timeoutMs'
  | 'reservedConcurrency'
