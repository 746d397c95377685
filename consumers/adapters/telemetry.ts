import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import type { BatchReport } from '../engine/process-batch.ts'
import { metric, metricsNamespace } from '../settings.ts'

/** Reports batches of one pipeline as CloudWatch metrics: one EMF line on stdout an invocation. */
export function batchTelemetry(pipelineName: string): (report: BatchReport) => void {
  const metrics = new Metrics({ namespace: metricsNamespace, serviceName: pipelineName })
  return (report) => {
    const counts: readonly [string, number][] = [
      [metric.records, report.records],
      [metric.counted, report.counted],
      [metric.duplicates, report.duplicates],
      [metric.rejected, report.rejected],
      [metric.unfinished, report.unfinished],
      [metric.storeRequests, report.storeRequests],
    ]
    for (const [name, value] of counts) metrics.addMetric(name, MetricUnit.Count, value)
    metrics.publishStoredMetrics()
    if (report.failedRecordsError !== undefined) {
      console.error(
        JSON.stringify({
          level: 'ERROR',
          message: 'rejected records could not be written',
          ...named(report.failedRecordsError),
        }),
      )
    }
  }
}

/** An error by its name alone: messages may quote payloads. */
function named(error: unknown): { readonly error: string } {
  return { error: error instanceof Error ? error.name : typeof error }
}
