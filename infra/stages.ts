import { Duration } from 'aws-cdk-lib'
import { RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { StreamProcessingProps } from './stream-processing-stack.ts'
import { tune, type Tuning } from './tuning/tune.ts'

/** All that differs between deployments of the app: the sizes first, then what is kept, then the options. */
export type Stage = Omit<StreamProcessingProps, 'streams' | 'tables' | 'momentoCacheName'>

/** What both stages have in common: the demo's records, and what a batch of them takes on a busy laptop. */
const flights = {
  recordBytes: 150,
  // Airports.
  partitionKeys: 300,
  // `npm run tune -- --measure` measures both.
  batchMs: 20,
  recordMs: 0.15,
  lagTargetMs: 5_000,
  // As many as each pipeline has buckets.
  shardCount: 4,
  readers: 2,
} as const

/** Reserves twice the lanes, for the moments in which an old and a new set of them overlap. */
function sized(tuning: Tuning) {
  const { shardCount, parallelizationFactor, batchSize, memoryMb, reservedConcurrency } = tuning
  return {
    shardCount,
    parallelizationFactor,
    batchSize,
    batchingWindow: Duration.millis(tuning.batchingWindowMs),
    timeout: Duration.millis(tuning.timeoutMs),
    memoryMb,
    reservedConcurrency: 2 * reservedConcurrency,
    expected: tuning,
  } satisfies Partial<Stage>
}

/** The stages by name. What a stage does not say is as the stack's properties say. */
export const stages = {
  dev: {
    ...sized(tune({ ...flights, meanRecordsPerSecond: 200, peakRecordsPerSecond: 1_000 })),
    logRetention: RetentionDays.ONE_WEEK,
    keepsData: false,
  },
  prod: {
    // What four shards take of so few keys, with something left: the fullest would be full at 2,800. With half the memory it
    // would do, but without a window, and it would take more than twice as long to catch up after an outage.
    ...sized(tune({ ...flights, meanRecordsPerSecond: 650, peakRecordsPerSecond: 2_600, memoryMb: 1_024 })),
    logRetention: RetentionDays.THREE_MONTHS,
    keepsData: true,
    terminationProtection: true,
  },
} as const satisfies Readonly<Record<string, Stage>>

export type StageName = keyof typeof stages

/**
 * The stage that `-c stage=NAME` names; `dev` without one.
 * @throws Error that lists the stages, for any other name.
 */
export function stageName(given: unknown = 'dev'): StageName {
  for (const name of Object.keys(stages) as StageName[]) if (name === given) return name
  const known = Object.keys(stages).map((name) => `-c stage=${name}`)
  throw new Error(`there is no stage ${JSON.stringify(given)}: give ${known.join(' or ')}`)
}
