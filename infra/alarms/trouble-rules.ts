import { type IMetric, type Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch'
import {
  capacityOf,
  lagThresholds,
  type MonitoredPipeline,
  type SourceMetrics,
} from '../monitored-pipeline.ts'
import { expressionOf, metricsOf } from '../pipeline-metrics.ts'
import { type AlarmRule, fiveMinutes, minutesOf, mostOfFiveMinutes } from './alarm-rule.ts'

const mostErrors = 3
const mostRejectedPercent = 1
const mostFailedPercent = 5
const mostBusyPercent = 80
/** A share of fewer says nothing. */
const least = { rejected: 10, storeRequests: 20 }

/** What holds a pipeline up, or sets records aside: nothing is lost yet. */
export function troubleRules(pipeline: MonitoredPipeline): readonly AlarmRule[] {
  const { own, ofFunction } = metricsOf(pipeline)
  const { warningMs } = lagThresholds(pipeline)
  const capacity = capacityOf(pipeline.tuning)
  return [
    {
      name: 'falling-behind',
      meaning: `Records have waited for ${minutesOf(warningMs)} or more, for five minutes.`,
      metric: ofFunction('IteratorAge').with({ statistic: Stats.MAXIMUM }),
      threshold: warningMs,
      datapoints: 5,
      periods: 5,
    },
    {
      name: 'function-errors',
      meaning: 'Invocations fail again and again; each holds up its lane.',
      metric: ofFunction('Errors').with({ period: fiveMinutes }),
      threshold: mostErrors,
    },
    {
      name: 'function-throttled',
      meaning: 'Lambda has no concurrency left for the function.',
      metric: ofFunction('Throttles'),
      ...mostOfFiveMinutes,
    },
    {
      name: 'records-rejected',
      meaning: `${mostRejectedPercent} % or more of the records cannot be counted; they are in the failed-records bucket.`,
      metric: expressionOf(
        'rejected, %',
        `IF(rejected >= ${least.rejected}, 100 * rejected / records, 0)`,
        { rejected: own('rejected'), records: own('records') },
        fiveMinutes,
      ),
      threshold: mostRejectedPercent,
      datapoints: 2,
      periods: 2,
    },
    {
      name: 'records-unfinished',
      meaning: 'Batches end before all of their records are counted, and are delivered again.',
      metric: own('unfinished'),
      ...mostOfFiveMinutes,
    },
    {
      name: 'store-failing',
      meaning: `${mostFailedPercent} % or more of the requests to Momento fail.`,
      metric: expressionOf(
        'failed requests, %',
        `IF(requests >= ${least.storeRequests}, 100 * failures / requests, 0)`,
        { failures: own('storeFailures'), requests: own('storeRequests') },
      ),
      threshold: mostFailedPercent,
      ...mostOfFiveMinutes,
    },
    {
      name: 'store-limits-reached',
      meaning: 'Momento refuses requests that are over a limit of the cache.',
      metric: own('storeLimitRefusals'),
      ...mostOfFiveMinutes,
    },
    {
      // Not the most that ran at once: in any minute all lanes may meet for a moment.
      name: 'lanes-busy',
      meaning: `Its ${capacity} lanes are busy ${mostBusyPercent} % of the time: many more records would have to wait.`,
      metric: expressionOf(
        'busy, %',
        `100 * duration / (1000 * PERIOD(duration) * ${capacity})`,
        { duration: ofFunction('Duration') },
        fiveMinutes,
      ),
      threshold: mostBusyPercent,
      datapoints: 3,
      periods: 3,
    },
  ]
}

/** What holds up whoever writes to a stream or a table, and whoever reads it. */
export function sourceRules({ writeThrottles, readThrottles }: SourceMetrics): readonly AlarmRule[] {
  return [
    {
      name: 'writes-throttled',
      meaning: 'Producers are held back: they write more than the source takes.',
      metric: filled(writeThrottles, 'writes held back'),
      ...mostOfFiveMinutes,
    },
    {
      name: 'reads-throttled',
      meaning: 'Readers are held back: they read more than the source gives.',
      metric: filled(readThrottles, 'reads held back'),
      ...mostOfFiveMinutes,
    },
  ]
}

/**
 * Of DynamoDB's metrics, an alarm keeps its state where data is missing, whatever it is told (CloudWatch API reference,
 * PutMetricAlarm), and these are missing where nothing is held back.
 */
function filled(throttles: Metric, label: string): IMetric {
  return expressionOf(label, 'FILL(throttles, 0)', { throttles })
}
