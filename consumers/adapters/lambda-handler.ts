import { randomBytes } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import type { Context, KinesisStreamBatchResponse } from 'aws-lambda'
import type { Pipeline } from '../engine/pipeline.ts'
import type { SourceRecord, UnreadableRecord } from '../engine/ports.ts'
import { type BatchReport, processBatch } from '../engine/process-batch.ts'
import { WarmCells } from '../engine/warm-cells.ts'
import { environmentVariable } from '../settings.ts'
import { s3FailedRecords } from './failed-records.ts'
import { measured } from './measured-ports.ts'
import { momentoCellStore } from './momento-cell-store.ts'
import { MomentoClients } from './momento-clients.ts'
import { fetchMomentoCredentials } from './secrets.ts'
import { batchTelemetry, log, nameOf } from './telemetry.ts'

type Handler = (event: unknown, context: Context) => Promise<KinesisStreamBatchResponse>

/** The engine must be done, and its requests aborted, this long before Lambda kills the environment. */
const timeoutMarginMs = 500

/**
 * A Lambda handler that runs `pipeline` on the records that `toRecords` finds in an event. Awaited while the
 * environment initialises: it fetches the credentials and connects to Momento then, and if that fails tries again at
 * the first invocation. It answers with the first unfinished record, from which the mapping delivers again.
 */
export async function lambdaHandler(
  pipeline: Pipeline,
  toRecords: (event: unknown) => (SourceRecord | UnreadableRecord)[],
): Promise<Handler> {
  const secretArn = required(environmentVariable.momentoSecretArn)
  const cacheName = required(environmentVariable.momentoCacheName)
  const bucket = required(environmentVariable.failedRecordsBucket)
  const clients = new MomentoClients(() => fetchMomentoCredentials(secretArn))
  const warm = new WarmCells()
  const publish = batchTelemetry(required(environmentVariable.metricsNamespace), pipeline.name)
  const clock = { nowMs: () => Date.now(), sleep: async (durationMs: number) => setTimeout(durationMs) }
  const random = { bytes: (count: number) => randomBytes(count), fraction: () => Math.random() }

  await clients.get('balanced').catch((error: unknown) => {
    log('WARN', 'no connection to Momento yet', { error: nameOf(error) })
  })

  return async (event, context) => {
    const invocation = new AbortController()
    const remainingMs = (): number => context.getRemainingTimeInMillis() - timeoutMarginMs
    const expiry = globalThis.setTimeout(() => invocation.abort(), Math.max(0, remainingMs()))
    try {
      const records = toRecords(event)
      const target = { bucket, pipeline: pipeline.name, requestId: context.awsRequestId }
      const [ports, use] = measured(
        {
          store: momentoCellStore(clients, cacheName, invocation.signal),
          failedRecords: s3FailedRecords(target, clock.nowMs),
          clock,
          random,
          deadline: { remainingMs },
        },
        () => performance.now(),
      )
      const report = await processBatch(pipeline, records, ports, warm)
      publish(report, use)
      return respond(records, report)
    } finally {
      clearTimeout(expiry)
      invocation.abort(new Error('the invocation has ended'))
    }
  }
}

function respond(
  records: readonly (SourceRecord | UnreadableRecord)[],
  { firstUnfinished }: BatchReport,
): KinesisStreamBatchResponse {
  if (firstUnfinished === undefined) return { batchItemFailures: [] }
  const itemIdentifier = records[firstUnfinished]?.position?.sequenceNumber
  // An empty identifier would fail the whole batch just the same, but without saying why.
  if (itemIdentifier === undefined) throw new Error('a record without a sequence number is unfinished')
  return { batchItemFailures: [{ itemIdentifier }] }
}

function required(name: string): string {
  const value = process.env[name]
  if (value === undefined || value === '') throw new Error(`environment variable ${name} is not set`)
  return value
}
