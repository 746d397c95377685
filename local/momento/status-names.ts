import { status } from '@grpc/grpc-js'

/** The statuses that a fault may answer with, by the names that Momento's SDKs use in their own tests. */
export const failureStatuses = {
  cancelled: status.CANCELLED,
  unknown: status.UNKNOWN,
  'invalid-argument': status.INVALID_ARGUMENT,
  'deadline-exceeded': status.DEADLINE_EXCEEDED,
  'not-found': status.NOT_FOUND,
  'already-exists': status.ALREADY_EXISTS,
  'permission-denied': status.PERMISSION_DENIED,
  'resource-exhausted': status.RESOURCE_EXHAUSTED,
  'failed-precondition': status.FAILED_PRECONDITION,
  aborted: status.ABORTED,
  'out-of-range': status.OUT_OF_RANGE,
  unimplemented: status.UNIMPLEMENTED,
  internal: status.INTERNAL,
  unavailable: status.UNAVAILABLE,
  'data-loss': status.DATA_LOSS,
  unauthenticated: status.UNAUTHENTICATED,
} as const satisfies Readonly<Record<string, status>>

/** A status such as `resource-exhausted`. */
export type StatusName = keyof typeof failureStatuses

/** All of them. */
export const statusNames = Object.keys(failureStatuses) as readonly StatusName[]

/** Whether `text` is one of them. */
export function isStatusName(text: string): text is StatusName {
  return Object.hasOwn(failureStatuses, text)
}
