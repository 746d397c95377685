import { RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { StreamProcessingProps } from './stream-processing-stack.ts'

/** All that differs between deployments of the app: the sizes first, then what is kept, then the options. */
export type Stage = Omit<StreamProcessingProps, 'streams' | 'tables' | 'momentoCacheName'>

type Sizes = Pick<Stage, 'shardCount' | 'parallelizationFactor' | 'batchSize' | 'timeout' | 'memoryMb'>

/** Reserves twice the lanes, for the moments in which an old and a new set of them overlap. */
function sized<T extends Sizes>(sizes: T): T & Required<Pick<Stage, 'reservedConcurrency'>> {
  return { ...sizes, reservedConcurrency: 2 * sizes.shardCount * sizes.parallelizationFactor }
}

/** The stages by name. What a stage does not say is as the stack's properties say. */
export const stages = {
  dev: {
    // Enough for a small stream; on a laptop each lane more is an environment more to start, for each function.
    ...sized({ shardCount: 4, parallelizationFactor: 1 }),
    logRetention: RetentionDays.ONE_WEEK,
    keepsData: false,
  },
  prod: {
    ...sized({ shardCount: 4, parallelizationFactor: 2, memoryMb: 1_024 }),
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
