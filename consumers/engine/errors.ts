/** Errors, split by what becomes of the record or the part that met them. */

/** Why a record was not counted and went to the failed-records bucket. The text is part of the written object. */
export type RejectReason =
  | 'unknown-source'
  | 'missing-images'
  | 'too-large'
  | 'not-utf8'
  | 'too-deep'
  | 'not-json'
  | 'wrong-shape'
  | 'invalid-time'
  | 'invalid-key'
  | 'invalid-value'
  | 'pipeline-threw'
  | 'late'
  | 'from-the-future'
  | 'expired'
  | 'over-cap'

/** Details may quote names of a payload or what a pipeline threw; the payload itself is written beside them. */
const maximumDetailLength = 500

/**
 * Thrown on the way from a record to its contributions: the record is rejected, its batch goes on. The message is the
 * detail, cut at 500 characters.
 */
export class RejectError extends Error {
  override readonly name = 'RejectError'
  readonly reason: RejectReason

  constructor(reason: RejectReason, detail: string, options?: ErrorOptions) {
    super(detail.slice(0, maximumDetailLength), options)
    this.reason = reason
  }
}

/** A store request that failed, timed out or was aborted. A write may have landed all the same: read again to know. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  /** The store's own name for what happened; safe to log. */
  readonly code: string

  constructor(
    message: string,
    { code = 'unknown', ...options }: ErrorOptions & { readonly code?: string } = {},
  ) {
    super(message, options)
    this.code = code
  }
}

/** Stored bytes that are truncated, fail their checksum or belong to another address. Confirmed, the cell is lost. */
export class DamagedBytesError extends Error {
  override readonly name = 'DamagedBytesError'
}

/** Stored bytes of a codec version that this code cannot read yet. They are never overwritten: the batch is retried. */
export class NewerCodecError extends Error {
  override readonly name = 'NewerCodecError'
}

/** What a failed read or swap is reported as: a name that holds nothing of a payload. `undefined` for other errors. */
export function storeFailureCode(error: unknown): string | undefined {
  if (error instanceof StoreError) return error.code
  if (error instanceof DamagedBytesError || error instanceof NewerCodecError) return error.name
  return undefined
}

/** A pipeline that cannot work, refused where it is defined. The message says what to change. */
export class DefinitionError extends Error {
  override readonly name = 'DefinitionError'
}
