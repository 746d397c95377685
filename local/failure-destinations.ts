import type { FailureDestination } from './deploy/failure-destination.ts'
import { type FailedBatch, failureMessage, failureObject } from './event-source-mapping/failure-document.ts'
import type { S3AndSqs } from './services/s3-and-sqs.ts'

/**
 * Tells the destination of a batch that was given up; `payload` is the event that was sent, or would have been. Rejects
 * if the destination cannot take it: AWS then drops the records, and does not try again.
 */
export type DeliverFailure = (batch: FailedBatch, payload: string) => Promise<void>

/** What {@link deliverFailuresTo} needs beside the destination. */
export interface DeliveryOptions {
  readonly services: Pick<S3AndSqs, 'putObject' | 'sendMessage'>
  readonly mappingUuid: string
  readonly nowMs: () => number
  /** Ends the name of an object. */
  readonly createUuid: () => string
}

/** Delivers to a queue a message without the records, to a bucket an object with them. */
export function deliverFailuresTo(
  { kind, name }: FailureDestination,
  { services, mappingUuid, nowMs, createUuid }: DeliveryOptions,
): DeliverFailure {
  if (kind === 'queue') return (batch) => services.sendMessage(name, failureMessage(batch, nowMs()))
  return (batch, payload) => {
    const object = failureObject(batch, nowMs(), payload, { mappingUuid, objectUuid: createUuid() })
    return services.putObject({ bucket: name, ...object })
  }
}
