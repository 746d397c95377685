import type { Metric } from 'aws-cdk-lib/aws-cloudwatch'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { Tuning } from './tuning/tuning.ts'

/** What the dashboard and the alarms need to know of one pipeline. */
export interface MonitoredPipeline {
  readonly name: string
  /** Older records are given up, milliseconds. */
  readonly maximumRecordAgeMs: number
  readonly handler: IFunction
  /** UUID of its event source mapping. */
  readonly mappingId: string
  readonly source: SourceMetrics
  readonly tuning: MonitoredTuning
}

/** What a tuning foretells of the lag. */
export type ExpectedLag = Pick<Tuning, 'expectedLagMs' | 'catchUpAfterOutageMs'>

/** How a pipeline is tuned, as far as thresholds follow from it. */
export interface MonitoredTuning
  extends
    ExpectedLag,
    Pick<Tuning, 'shardCount' | 'parallelizationFactor' | 'batchSize' | 'memoryMb' | 'timeoutMs'> {
  /** Default as many as the account has. */
  readonly reservedConcurrency?: number | undefined
}

/** What a stream or a table says of itself, as sums. */
export interface SourceMetrics {
  /** Its construct's id, which names its alarms; the same for all pipelines that read it. */
  readonly id: string
  /** Records that come in; default those that the mapping has read. */
  readonly incoming?: Metric
  /** Above 0 whenever something is written. */
  readonly written: Metric
  /** Requests that were held back. */
  readonly writeThrottles: Metric
  readonly readThrottles: Metric
}

/** Batches that may run at once: the mapping has no more lanes, and the function no more environments. */
export function capacityOf({
  reservedConcurrency,
  shardCount,
  parallelizationFactor,
}: MonitoredTuning): number {
  return Math.min(reservedConcurrency ?? Infinity, shardCount * parallelizationFactor)
}

/** From which iterator ages on somebody has to look, and has to act, milliseconds. */
export interface LagThresholds {
  readonly warningMs: number
  readonly criticalMs: number
}

/** Ordinary jitter, such as a cold start or a deployment, is below both. */
const leastWarningMs = 60_000

/**
 * A warning at ten times the lag that is expected, but not where a cold start would give it, and in any case well before
 * half of the record age is over, when there is as much time left to act as was lost. The sources keep records for longer
 * than that: a day at least, and no pipeline's record age is that long.
 */
export function lagThresholds({
  maximumRecordAgeMs,
  tuning,
}: Pick<MonitoredPipeline, 'maximumRecordAgeMs' | 'tuning'>): LagThresholds {
  const criticalMs = maximumRecordAgeMs / 2
  return {
    warningMs: Math.min(Math.max(10 * tuning.expectedLagMs, leastWarningMs), criticalMs / 2),
    criticalMs,
  }
}
