/** What a failure document says of a batch that was given up. */
export interface FailedBatch {
  readonly source: 'kinesis' | 'dynamodb'
  /** As the mapping names it, with its version or alias if it has one. */
  readonly functionArn: string
  readonly condition: 'RetryAttemptsExhausted' | 'RecordAgeExceeded'
  /** At least 1, even where the records were too old to be sent at all. */
  readonly approximateInvokeCount: number
  readonly requestId: string
  /**
   * How the last invocation ended, with `functionError` null where the function answered and its answer was the failure.
   * Not there for records that grew too old and for one that is too large for an event.
   */
  readonly response?: {
    /** Such as `$LATEST`. */
    readonly executedVersion: string
    readonly functionError: 'Unhandled' | null
  }
  readonly shardId: string
  /** Of the stream, or of the consumer that the mapping reads. */
  readonly streamArn: string
  /** Not there for the call that ends a window, which has no records. */
  readonly records?: {
    readonly count: number
    readonly first: FailedRecord
    readonly last: FailedRecord
  }
  /** Of a mapping with tumbling windows. */
  readonly timeWindow?: TimeWindow
}

/** A record as a failure document names it. */
export interface FailedRecord {
  readonly sequenceNumber: string
  readonly arrivalMs: number
}

/** The window in which a batch failed. */
export interface TimeWindow {
  readonly startMs: number
  readonly endMs: number
  readonly isFinalInvoke: boolean
  readonly isTerminatedEarly: boolean
}

/** An object of S3 that tells of a failed batch. */
export interface FailureObject {
  readonly key: string
  readonly body: string
  readonly contentType: string
}

/**
 * The message to a queue that tells of a failed batch: where its records are in the stream, none of their data.
 *
 * Members and their order are those of AWS. The arrival times of a table's records are in whole seconds.
 *
 * Source: AWS Lambda Developer Guide, "Retain discarded batch records for a Kinesis Data Streams event source in
 * Lambda".
 */
export function failureMessage(batch: FailedBatch, nowMs: number): string {
  return JSON.stringify(document(batch, nowMs, {}))
}

/**
 * The object in a bucket that tells of a failed batch: as {@link failureMessage}, with the event of the invocation as
 * `payload`. Its name has the time of the document, so that names follow the order of time within a shard.
 *
 * Source: as there; what Lambda sends as content type says nothing of JSON.
 * @param payload the event as it was sent, or would have been
 * @param objectUuid ends the name
 */
export function failureObject(
  batch: FailedBatch,
  nowMs: number,
  payload: string,
  { mappingUuid, objectUuid }: { readonly mappingUuid: string; readonly objectUuid: string },
): FailureObject {
  const second = isoSeconds(nowMs).slice(0, -1)
  const [date = ''] = second.split('T')
  const folder = `aws/lambda/${mappingUuid}/${batch.shardId}/${date.replaceAll('-', '/')}`
  return {
    key: `${folder}/${second.replaceAll(':', '.')}-${objectUuid}`,
    body: JSON.stringify(document(batch, nowMs, { payload })),
    contentType: 'application/octet-stream',
  }
}

function document(batch: FailedBatch, nowMs: number, payload: { readonly payload?: string }): object {
  const { source, functionArn, condition, approximateInvokeCount, requestId, response, timeWindow } = batch
  return {
    requestContext: { requestId, functionArn, condition, approximateInvokeCount },
    ...(response !== undefined && {
      // That of the invocation, which worked; what the function made of it is the function error.
      responseContext: {
        statusCode: 200,
        executedVersion: response.executedVersion,
        functionError: response.functionError,
      },
    }),
    version: '1.0',
    ...payload,
    timestamp: new Date(nowMs).toISOString(),
    [source === 'kinesis' ? 'KinesisBatchInfo' : 'DDBStreamBatchInfo']: batchInfo(batch),
    ...(timeWindow !== undefined && { timeWindowInfo: timeWindowInfo(timeWindow) }),
  }
}

function batchInfo({ source, shardId, streamArn, records }: FailedBatch): object {
  if (records === undefined) return { shardId, streamArn }
  const { count, first, last } = records
  const arrivalOf = ({ arrivalMs }: FailedRecord): string =>
    source === 'kinesis' ? new Date(arrivalMs).toISOString() : isoSeconds(arrivalMs)
  return {
    shardId,
    startSequenceNumber: first.sequenceNumber,
    endSequenceNumber: last.sequenceNumber,
    approximateArrivalOfFirstRecord: arrivalOf(first),
    approximateArrivalOfLastRecord: arrivalOf(last),
    batchSize: count,
    streamArn,
  }
}

function timeWindowInfo({ startMs, endMs, isFinalInvoke, isTerminatedEarly }: TimeWindow): object {
  return {
    window: { start: isoSeconds(startMs), end: isoSeconds(endMs) },
    isFinalInvokeForWindow: isFinalInvoke,
    isWindowTerminatedEarly: isTerminatedEarly,
  }
}

function isoSeconds(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, -'.000Z'.length)}Z`
}
