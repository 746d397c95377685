import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import { MomentoErrorCode } from '@gomomento/sdk'
import type { RejectReason } from '../engine/errors.ts'
import type { BatchReport } from '../engine/process-batch.ts'
import { metric } from '../settings.ts'
import type { PortUse } from './measured-ports.ts'

/** An EMF line takes 100 values of a metric; at the hundredth the library ends the line. */
const maximumValues = 99
const limitExceeded: string = MomentoErrorCode.LIMIT_EXCEEDED_ERROR

/** Reasons that have the same remedy share a metric. */
const metricOfReason: Readonly<Record<RejectReason, string>> = {
  'too-large': metric.invalid,
  'not-utf8': metric.invalid,
  'too-deep': metric.invalid,
  'not-json': metric.invalid,
  'wrong-shape': metric.invalid,
  'invalid-time': metric.invalid,
  'invalid-key': metric.invalid,
  'invalid-value': metric.invalid,
  'from-the-future': metric.invalid,
  late: metric.late,
  expired: metric.expired,
  'over-cap': metric.overCap,
  'pipeline-threw': metric.pipelineFaults,
  'unknown-source': metric.pipelineFaults,
  'missing-images': metric.pipelineFaults,
}

/** What is told even where it is none, so that what is left of all rejects can be told from them. */
const noRejects = { [metric.invalid]: 0, [metric.late]: 0 }

/** Reports batches of one pipeline as CloudWatch metrics of a namespace: one EMF line on stdout an invocation. */
export function batchTelemetry(
  namespace: string,
  pipelineName: string,
): (report: BatchReport, use: PortUse) => void {
  const metrics = new Metrics({ namespace, serviceName: pipelineName })
  let isFirst = true
  return (report, use) => {
    const counts: readonly [string, number][] = [
      [metric.records, report.records],
      [metric.counted, report.counted],
      [metric.duplicates, report.duplicates],
      [metric.filtered, report.filtered],
      [metric.rejected, report.rejected],
      [metric.unfinished, report.unfinished],
      ...Object.entries({ ...noRejects, ...countsOf(use.rejectReasons.map((each) => metricOfReason[each])) }),
      [metric.storeRequests, report.storeRequests],
      [metric.storeFailures, report.storeFailures.length],
      [metric.storeLimitRefusals, report.storeFailures.filter((code) => code === limitExceeded).length],
      [metric.swapConflicts, use.conflicts],
      [metric.coldStarts, isFirst ? 1 : 0],
    ]
    isFirst = false
    for (const [name, value] of counts) metrics.addMetric(name, MetricUnit.Count, value)
    metrics.addMetric(metric.storeBytesRead, MetricUnit.Bytes, use.bytesRead)
    metrics.addMetric(metric.storeBytesWritten, MetricUnit.Bytes, use.bytesWritten)
    for (const latencyMs of sampleOf(use.latenciesMs))
      metrics.addMetric(metric.storeLatency, MetricUnit.Milliseconds, Math.round(latencyMs * 10) / 10)
    metrics.publishStoredMetrics()
    if (report.storeFailures.length > 0) {
      log('WARN', 'store requests failed', { failures: countsOf(report.storeFailures) })
    }
    if (report.failedRecordsError !== undefined) {
      log('ERROR', 'rejected records could not be written', { error: nameOf(report.failedRecordsError) })
    }
  }
}

/** All values, or of more than fit the smallest, the largest and evenly those between: quantiles stay as they are. */
function sampleOf(values: readonly number[]): readonly number[] {
  if (values.length <= maximumValues) return values
  const sorted = values.toSorted((a, b) => a - b)
  const step = (sorted.length - 1) / (maximumValues - 1)
  return Array.from({ length: maximumValues }, (_, index) => sorted[Math.round(index * step)] ?? 0)
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
