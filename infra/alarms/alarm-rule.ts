import { Duration } from 'aws-cdk-lib'
import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch'

/** When an alarm goes off: `datapoints` of the last `periods` of its metric are `threshold` or more. */
export interface AlarmRule {
  /** Names the alarm, and its section of the runbook. */
  readonly name: string
  /** What has happened, in a sentence. */
  readonly meaning: string
  readonly metric: IMetric
  /** Default 1. */
  readonly threshold?: number
  /** Default 1 of 1. */
  readonly datapoints?: number
  readonly periods?: number
  /** Records are lost, or soon will be: it calls for somebody by itself, whatever else goes wrong. */
  readonly isLoss?: true
}

/** Goes off at once, and is over when it has been quiet for long: a trickle of losses is one call, not one a minute. */
export const untilQuiet = { datapoints: 1, periods: 15 } as const
export const fiveMinutes = Duration.minutes(5)
/** What comes and goes within a minute mends itself; what is there most of the time does not. */
export const mostOfFiveMinutes = { datapoints: 3, periods: 5 } as const

export function minutesOf(durationMs: number): string {
  return `${Number((durationMs / 60_000).toFixed(1))} min`
}
