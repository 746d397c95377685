import { interpretResponse, withState } from './batch-response.ts'
import type { Batch } from './batch.ts'
import { maximumPayloadBytes } from './event-payload.ts'
import type { Invoke, InvokeAnswer } from './invoke.ts'
import type { Outcome } from './outcome.ts'

/** How the function is reached, and how its answers are read. */
export interface AttemptOptions {
  readonly invoke: Invoke
  /** Without it any answer is a success, whatever it says. */
  readonly reportBatchItemFailures: boolean
  /** Told why an invocation could not be made. */
  readonly onError: (error: unknown) => void
}

/**
 * Delivers a batch, as `payload`, once and says what came of it; never rejects.
 *
 * An event over the limit counts as a failed attempt without an invocation, as on AWS.
 */
export async function attempt(batch: Batch, payload: string, options: AttemptOptions): Promise<Outcome> {
  const payloadBytes = Buffer.byteLength(payload)
  if (payloadBytes > maximumPayloadBytes) {
    return { kind: 'failed', failure: { reason: 'payload-too-large', payloadBytes } }
  }

  let answer: InvokeAnswer
  try {
    answer = await options.invoke(payload, { requestId: batch.requestId })
  } catch (error) {
    options.onError(error)
    return { kind: 'refused', reason: 'service-error' }
  }
  if (answer.outcome === 'throttled') return { kind: 'refused', reason: 'throttled' }
  if (answer.outcome === 'function-error') {
    const { errorType, errorMessage } = answer
    return { kind: 'failed', failure: { reason: 'function-error', errorType, errorMessage } }
  }
  const sequenceNumbers = batch.records.map(({ record }) => record.sequenceNumber)
  const outcome: Outcome = options.reportBatchItemFailures
    ? interpretResponse(answer.payload, sequenceNumbers)
    : { kind: 'succeeded' }
  return batch.window === undefined ? outcome : withState(outcome, answer.payload)
}
