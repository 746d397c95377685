import type { DiscardedBatch } from './discarded-batch.ts'
import { isoSeconds } from './iso-seconds.ts'
import type { Failure } from './outcome.ts'
import type { StreamRecord } from './stream-source.ts'
import type { WindowCall } from './tumbling-window.ts'

/** An object of S3 that tells of a failed batch. */
export interface FailureObject {
  readonly key: string
  readonly body: string
  readonly contentType: string
}

/** Nothing here publishes versions of functions. */
const executedVersion = '$LATEST'
const conditions = {
  'retries-exhausted': 'RetryAttemptsExhausted',
  'record-age-exceeded': 'RecordAgeExceeded',
} as const satisfies Readonly<Record<DiscardedBatch['reason'], string>>

/**
 * The message to a queue that tells of a batch that was given up: where its records are in the stream, none of their
 * data.
 *
 * Members and their order are those of AWS. The arrival times of a table's records are in whole seconds.
 *
 * Source: AWS Lambda Developer Guide, "Retain discarded batch records for a Kinesis Data Streams event source in
 * Lambda".
 */
export function failureMessage(batch: DiscardedBatch, nowMs: number): string {
  return JSON.stringify(document(batch, nowMs, {}))
}

/**
 * The object in a bucket that tells of a batch that was given up: as {@link failureMessage}, with the event of the
 * invocation as `payload`. Its name has the time of the document, so that names follow the order of time within a shard.
 *
 * Source: as there; what Lambda sends as content type says nothing of JSON.
 * @param objectUuid ends the name
 */
export function failureObject(batch: DiscardedBatch, nowMs: number, objectUuid: string): FailureObject {
  const second = isoSeconds(nowMs).slice(0, -1)
  const [date = ''] = second.split('T')
  const folder = `aws/lambda/${batch.mappingUuid}/${batch.shardId}/${date.replaceAll('-', '/')}`
  return {
    key: `${folder}/${second.replaceAll(':', '.')}-${objectUuid}`,
    body: JSON.stringify(document(batch, nowMs, { payload: batch.payload })),
    contentType: 'application/octet-stream',
  }
}

function document(batch: DiscardedBatch, nowMs: number, payload: { readonly payload?: string }): object {
  const { source, functionArn, reason, approximateInvokeCount, requestId, failure, window } = batch
  return {
    requestContext: { requestId, functionArn, condition: conditions[reason], approximateInvokeCount },
    ...responseContext(failure),
    version: '1.0',
    ...payload,
    timestamp: new Date(nowMs).toISOString(),
    [source.kind === 'kinesis' ? 'KinesisBatchInfo' : 'DDBStreamBatchInfo']: batchInfo(batch),
    ...(window !== undefined && { timeWindowInfo: timeWindowInfo(window) }),
  }
}

/** Of the last invocation, which worked; what the function made of it is the function error. Without one there is none. */
function responseContext(failure: Failure | undefined): object | undefined {
  if (failure === undefined || failure.reason === 'payload-too-large') return undefined
  const functionError = failure.reason === 'function-error' ? 'Unhandled' : null
  return { responseContext: { statusCode: 200, executedVersion, functionError } }
}

function batchInfo({ source: { kind, streamArn }, shardId, records }: DiscardedBatch): object {
  const [first, last] = [records[0], records.at(-1)]
  // The last call of a window has no records.
  if (first === undefined || last === undefined) return { shardId, streamArn }
  const arrivalOf = ({ arrivalMs }: StreamRecord): string =>
    kind === 'kinesis' ? new Date(arrivalMs).toISOString() : isoSeconds(arrivalMs)
  return {
    shardId,
    startSequenceNumber: first.sequenceNumber,
    endSequenceNumber: last.sequenceNumber,
    approximateArrivalOfFirstRecord: arrivalOf(first),
    approximateArrivalOfLastRecord: arrivalOf(last),
    batchSize: records.length,
    streamArn,
  }
}

function timeWindowInfo({ startMs, endMs, isFinal, isTerminatedEarly }: WindowCall): object {
  return {
    window: { start: isoSeconds(startMs), end: isoSeconds(endMs) },
    isFinalInvokeForWindow: isFinal,
    isWindowTerminatedEarly: isTerminatedEarly,
  }
}
