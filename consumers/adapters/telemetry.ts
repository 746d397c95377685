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
      [metric.filtered, report.filtered],
      [metric.rejected, report.rejected],
      [metric.unfinished, report.unfinished],
      [metric.storeRequests, report.storeRequests],
      [metric.storeFailures, report.storeFailures.length],
    ]
    for (const [name, value] of counts) metrics.addMetric(name, MetricUnit.Count, value)
    metrics.publishStoredMetrics()
    if (report.storeFailures.length > 0) {
      log('WARN', 'store requests failed', { failures: countsOf(report.storeFailures) })
    }
    if (report.failedRecordsError !== undefined) {
      log('ERROR', 'rejected records could not be written', { error: nameOf(report.failedRecordsError) })
    }
  }
}

/** Writes one line of JSON on stderr. Fields hold names and numbers alone, never anything of a payload. */
export function log(
  level: 'WARN' | 'ERROR',
  message: string,
  fields: Readonly<Record<string, unknown>>,
): void {
  console.error(JSON.stringify({ level, message, ...fields }))
}

/** An error by its name: messages may quote payloads or secrets. */
export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error
}

function countsOf(names: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return Object.fromEntries(counts)
}
