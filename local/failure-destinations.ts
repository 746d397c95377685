import type { FailureDestination } from './deploy/failure-destination.ts'
import type { ReportFailure } from './event-source-mapping/deliveries.ts'
import { failureMessage, failureObject } from './event-source-mapping/failure-document.ts'
import type { S3AndSqs } from './services/s3-and-sqs.ts'

/** What {@link reportFailuresTo} needs beside the destination. */
export interface ReportOptions {
  readonly services: Pick<S3AndSqs, 'putObject' | 'sendMessage'>
  readonly nowMs: () => number
  /** Ends the name of an object. */
  readonly createUuid: () => string
}

/** Reports to a queue with a message without the records, to a bucket with an object that has them. */
export function reportFailuresTo(
  { kind, name }: FailureDestination,
  { services, nowMs, createUuid }: ReportOptions,
): ReportFailure {
  if (kind === 'queue') return (batch) => services.sendMessage(name, failureMessage(batch, nowMs()))
  return (batch) => services.putObject({ bucket: name, ...failureObject(batch, nowMs(), createUuid()) })
}
