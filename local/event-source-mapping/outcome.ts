/** Why an attempt at a whole batch failed, and used up one of its retries. */
export type Failure =
  | { readonly reason: 'function-error'; readonly errorType: string; readonly errorMessage: string }
  /** The function reported the first record of the batch, so nothing was gained. */
  | { readonly reason: 'first-record-failed' }
  /** The answer named no record of the batch where it had to name one, or lacks a window's state. */
  | { readonly reason: 'invalid-response'; readonly detail: string }
  /** A single record makes a larger event than Lambda accepts; the function was not invoked. */
  | { readonly reason: 'payload-too-large'; readonly payloadBytes: number }

/** What one attempt at a batch came to; `state` is a tumbling window's, as JSON. */
export type Outcome =
  | { readonly kind: 'succeeded'; readonly state?: string }
  /** The first `doneRecords` records are done; at least one, and fewer than the batch has. */
  | { readonly kind: 'partly-failed'; readonly doneRecords: number; readonly state?: string }
  | { readonly kind: 'failed'; readonly failure: Failure }
  /** The function was not run; no retry is used up. */
  | { readonly kind: 'refused'; readonly reason: 'throttled' | 'service-error' }

/** The name under which an outcome is counted: its reason where it has one. */
export type OutcomeName = ReturnType<typeof outcomeName>

/** Names an outcome for counting. */
export function outcomeName(outcome: Outcome) {
  if (outcome.kind === 'failed') return outcome.failure.reason
  return outcome.kind === 'refused' ? outcome.reason : outcome.kind
}
