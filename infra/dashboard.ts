import { Duration } from 'aws-cdk-lib'
import { Dashboard, GraphWidget, type IMetric, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import { metric, metricsDimension, metricsNamespace } from '../consumers/settings.ts'

const period = Duration.minutes(1)

/** What one consumer's rows of the dashboard show. */
export interface DashboardConsumer {
  readonly pipelineName: string
  readonly handler: IFunction
  /** UUID of its event source mapping. */
  readonly mappingId: string
  readonly source: SourceMetrics
}

/** What a source says of itself, as sums. */
export interface SourceMetrics {
  /** Records that come in; default those that the mapping has read. */
  readonly incoming?: Metric
  /** Requests that were held back. */
  readonly throttles: readonly Metric[]
}

/** The dashboard: for each consumer how far behind it is, what comes in and goes out, and what is held back or lost. */
export function addDashboard(scope: Construct, consumers: readonly DashboardConsumer[]): Dashboard {
  return new Dashboard(scope, 'Dashboard', {
    defaultInterval: Duration.hours(3),
    widgets: consumers.map(rowOf),
  })
}

function rowOf({ pipelineName, handler, mappingId, source }: DashboardConsumer): GraphWidget[] {
  const own = (metricName: string): Metric =>
    new Metric({
      namespace: metricsNamespace,
      metricName,
      dimensionsMap: { [metricsDimension]: pipelineName },
      statistic: Stats.SUM,
      period,
    })
  const ofFunction = (metricName: string, statistic: string): Metric =>
    handler.metric(metricName, { statistic, period })
  const ofMapping = (metricName: string): Metric =>
    new Metric({
      namespace: 'AWS/Lambda',
      metricName,
      dimensionsMap: { EventSourceMappingUUID: mappingId },
      statistic: Stats.SUM,
      period,
    })
  const graph = (title: string, metrics: IMetric[]): GraphWidget =>
    new GraphWidget({ title: `${pipelineName}: ${title}`, left: metrics, width: 6, leftYAxis: { min: 0 } })

  return [
    graph('iterator age (ms)', [ofFunction('IteratorAge', Stats.MAXIMUM)]),
    graph('records in, processed and counted', [
      source.incoming?.with({ period }) ?? ofMapping('PolledEventCount'),
      own(metric.records),
      own(metric.counted),
      own(metric.duplicates),
      own(metric.filtered),
    ]),
    graph('throttles and errors', [
      ...source.throttles.map((each) => each.with({ period })),
      ofFunction('Throttles', Stats.SUM),
      ofFunction('Errors', Stats.SUM),
    ]),
    graph('rejected, delivered again, given up', [
      own(metric.rejected),
      own(metric.unfinished),
      ofMapping('OnFailureDestinationDeliveredEventCount'),
      ofMapping('DroppedEventCount'),
      ofFunction('DestinationDeliveryFailures', Stats.SUM),
    ]),
  ]
}
