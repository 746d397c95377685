import { Color, type IMetric, type Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch'
import type { Construct } from 'constructs'
import { capacityOf, type MonitoredPipeline } from '../monitored-pipeline.ts'
import { expressionOf, metricsOf, period } from '../pipeline-metrics.ts'
import { runbookLink } from '../runbook.ts'
import { graph, type Section } from './graph.ts'

/** What a dashboard tells of one pipeline, in the order in which somebody on call asks. */
export function sectionsOf(scope: Construct, pipeline: MonitoredPipeline): readonly Section[] {
  const see = (...names: readonly string[]): string =>
    `If not: ${names.map((name) => runbookLink(scope, name)).join(', ')}.`
  return [
    progress(pipeline, see),
    obstacles(pipeline, see),
    store(pipeline, see),
    losses(pipeline, see),
    costs(pipeline, see),
  ]
}

type See = (...names: readonly string[]) => string

function progress(pipeline: MonitoredPipeline, see: See): Section {
  const { own, ofFunction, ofMapping } = metricsOf(pipeline)
  const { tuning, source } = pipeline
  const capacity = capacityOf(tuning)
  const duration = ofFunction('Duration')
  const busy = expressionOf('on average', 'duration / (1000 * PERIOD(duration))', { duration })
  return {
    title: 'Are we behind?',
    explanation: [
      `Normal: as much is processed as comes in, and on average fewer than ${capacity} batches run.`,
      catchingUp(tuning.catchUpAfterOutageMs),
      see('falling-behind', 'stalled', 'lanes-busy'),
    ],
    graphs: [
      graph('Records: in, and processed', [
        ...(source.incoming ? [source.incoming.with({ period, label: 'into the stream' })] : []),
        ofMapping('PolledEventCount', 'read by the mapping'),
        own('records', 'processed, repeats included'),
        own('counted', 'counted'),
      ]),
      graph(
        'Batches at once, and the limit',
        [ofFunction('ConcurrentExecutions', 'at most').with({ statistic: Stats.MAXIMUM }), busy],
        { leftAnnotations: [{ value: capacity, label: 'limit', color: Color.RED }] },
      ),
      graph('Duration of a batch, ms', quantiles(duration), {
        leftAnnotations: [{ value: tuning.timeoutMs, label: 'time-out', color: Color.RED }],
      }),
    ],
  }
}

function catchingUp(durationMs: number): string {
  return Number.isFinite(durationMs)
    ? `After an outage of an hour, catching up takes about ${Math.ceil(durationMs / 60_000)} min.`
    : 'It has nothing to spare: after an outage it does not catch up.'
}

function obstacles(pipeline: MonitoredPipeline, see: See): Section {
  const { own, ofFunction, ofMapping } = metricsOf(pipeline)
  const { writeThrottles, readThrottles } = pipeline.source
  return {
    title: 'Why: held back, or failing?',
    explanation: [
      'Normal: nothing is held back, and nothing fails for longer than a minute.',
      'Cold starts come with deployments and with more lanes.',
      see('function-throttled', 'function-errors', 'writes-throttled', 'reads-throttled'),
    ],
    graphs: [
      graph('Held back', [
        writeThrottles.with({ period, label: 'writes to the source' }),
        readThrottles.with({ period, label: 'reads of the source' }),
        ofFunction('Throttles', 'invocations'),
        own('storeLimitRefusals', 'Momento requests'),
      ]),
      graph('Failing', [
        ofFunction('Errors', 'failed invocations').with({ color: Color.RED }),
        ofMapping('FailedInvokeEventCount', 'records in them'),
        own('unfinished', 'records not finished'),
      ]),
      graph('Invocations and cold starts', [ofFunction('Invocations', 'invocations')], {
        right: [own('coldStarts', 'cold starts')],
      }),
    ],
  }
}

function store(pipeline: MonitoredPipeline, see: See): Section {
  const { own } = metricsOf(pipeline)
  return {
    title: 'Why: the store?',
    explanation: [
      'Normal: requests take milliseconds and few fail. They end after 1.1 s; what failed is tried again.',
      'Conflicts: other instances write the same cells. Many cost requests, never counts.',
      see('store-failing', 'store-limits-reached', 'records-unfinished'),
    ],
    graphs: [
      graph('Momento: time a request, ms', quantiles(own('storeLatency'))),
      graph('Momento: requests', [
        own('storeRequests', 'made'),
        own('storeFailures', 'failed').with({ color: Color.RED }),
        own('swapConflicts', 'swaps in conflict'),
      ]),
      graph('Momento: bytes', [own('storeBytesRead', 'read'), own('storeBytesWritten', 'written')]),
    ],
  }
}

function losses(pipeline: MonitoredPipeline, see: See): Section {
  const { own, ofFunction, ofMapping } = metricsOf(pipeline)
  return {
    title: 'Are we losing anything?',
    explanation: [
      'Normal: nothing is given up, few records are rejected. Duplicates and late ones depend on the producers.',
      'What was set aside is in the failed-records bucket.',
      see('batches-discarded', 'records-dropped', 'records-uncounted', 'records-rejected'),
    ],
    graphs: [
      graph('Given up by the mapping', [
        ofMapping('OnFailureDestinationDeliveredEventCount', 'set aside').with({ color: Color.ORANGE }),
        ofMapping('DroppedEventCount', 'lost').with({ color: Color.RED }),
        ofFunction('DestinationDeliveryFailures', 'failures to set aside'),
      ]),
      graph('Rejected, and why', [
        own('rejected', 'all'),
        own('invalid', 'invalid'),
        own('expired', 'cell closed: we are slow'),
        own('overCap', 'cell full'),
        own('pipelineFaults', 'pipeline failed'),
      ]),
      graph('Repeated, late, left out', [
        own('duplicates', 'duplicates'),
        own('late', 'late'),
        own('filtered', 'filtered'),
      ]),
    ],
  }
}

function costs(pipeline: MonitoredPipeline, see: See): Section {
  const { own, ofFunction } = metricsOf(pipeline)
  const { memoryMb, batchSize } = pipeline.tuning
  const records = own('records')
  return {
    title: 'What does it cost?',
    explanation: [
      'Normal: level. Both rise where batches are small: fewer records, too many lanes, or a short batching window.',
      see('cost'),
    ],
    graphs: [
      graph('Momento requests a million records', [
        expressionOf('requests', '1000000 * requests / records', { requests: own('storeRequests'), records }),
      ]),
      graph('GB-seconds a million records', [
        expressionOf('GB-seconds', `1000 * duration * ${memoryMb} / 1024 / records`, {
          duration: ofFunction('Duration'),
          records,
        }),
      ]),
      graph(
        'Records a batch',
        [
          expressionOf('records', 'records / invocations', {
            records,
            invocations: ofFunction('Invocations'),
          }),
        ],
        { leftAnnotations: [{ value: batchSize, label: 'full' }] },
      ),
    ],
  }
}

function quantiles(metric: Metric): IMetric[] {
  return [
    metric.with({ statistic: Stats.percentile(50), label: 'half are below' }),
    metric.with({ statistic: Stats.percentile(99), label: '99 % are below' }),
    metric.with({ statistic: Stats.MAXIMUM, label: 'most' }),
  ]
}
