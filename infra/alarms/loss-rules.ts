import { Stats } from 'aws-cdk-lib/aws-cloudwatch'
import { lagThresholds, type MonitoredPipeline } from '../monitored-pipeline.ts'
import { expressionOf, metricsOf } from '../pipeline-metrics.ts'
import { type AlarmRule, fiveMinutes, minutesOf, untilQuiet } from './alarm-rule.ts'

/** What calls for somebody at once: records of the pipeline are lost, or soon will be. */
export function lossRules(pipeline: MonitoredPipeline): readonly AlarmRule[] {
  const { own, ofFunction, ofMapping } = metricsOf(pipeline)
  const { criticalMs } = lagThresholds(pipeline)
  return [
    {
      name: 'about-to-lose-records',
      meaning: `Records have waited for half of the ${minutesOf(2 * criticalMs)} after which the mapping gives them up.`,
      metric: ofFunction('IteratorAge').with({ statistic: Stats.MAXIMUM }),
      threshold: criticalMs,
      ...untilQuiet,
      isLoss: true,
    },
    {
      // Without invocations there is no iterator age: a mapping that is off, or may not read, is seen here alone.
      name: 'stalled',
      meaning: 'Something was written and nothing was processed, for 15 minutes.',
      metric: expressionOf(
        'written to, and not processed',
        'IF(FILL(written, 0) > 0 AND FILL(invocations, 0) == 0, 1, 0)',
        { written: pipeline.source.written, invocations: ofFunction('Invocations') },
        fiveMinutes,
      ),
      // Metrics come late: in one period that is the latest, what was written may be known before the invocations.
      datapoints: 3,
      periods: 3,
      isLoss: true,
    },
    {
      name: 'batches-discarded',
      meaning: 'The mapping gave records up; they are in the failed-records bucket.',
      metric: ofMapping('OnFailureDestinationDeliveredEventCount'),
      ...untilQuiet,
      isLoss: true,
    },
    {
      name: 'records-dropped',
      meaning: 'The mapping gave records up and could put them nowhere.',
      metric: ofMapping('DroppedEventCount'),
      ...untilQuiet,
      isLoss: true,
    },
    {
      name: 'failure-destination-unreachable',
      meaning: 'The mapping could not write what it gives up to the failed-records bucket.',
      metric: ofFunction('DestinationDeliveryFailures'),
      ...untilQuiet,
      isLoss: true,
    },
    {
      name: 'records-uncounted',
      meaning: 'Good records were rejected: cells were closed or full, or the pipeline failed on them.',
      metric: expressionOf('rejected though they were good', 'rejected - invalid - late', {
        rejected: own('rejected'),
        invalid: own('invalid'),
        late: own('late'),
      }),
      ...untilQuiet,
      isLoss: true,
    },
  ]
}
