import type { Failure, Outcome } from './outcome.ts'

/**
 * Reads the answer of a function that reports batch item failures; never throws.
 *
 * The lowest reported sequence number divides the batch: what stands before it is done, it and all behind it are
 * not. An answer that names no failure is a success; one that names something else than a record of the batch
 * fails the batch as a whole (AWS: "Reporting batch item failures", and public tests validated against AWS).
 *
 * What AWS makes of an answer that is neither an object nor empty is not known. It fails the batch here: a record
 * delivered twice does less harm than one lost.
 *
 * @param sequenceNumbers those of the batch, in its order, which is the numerical one
 */
export function interpretResponse(payload: string, sequenceNumbers: readonly string[]): Outcome {
  const items = reportedItems(payload)
  if (typeof items === 'string') return invalid(items)

  const positions = new Map(sequenceNumbers.map((sequenceNumber, position) => [sequenceNumber, position]))
  let doneRecords = sequenceNumbers.length
  for (const item of items) {
    const identifier = isObject(item) ? item['itemIdentifier'] : undefined
    const position = typeof identifier === 'string' ? positions.get(identifier) : undefined
    if (position === undefined) return invalid(`${JSON.stringify(item)} names no record of the batch`)
    // The position stands in for the number: compared as strings, 10 would come before 9.
    doneRecords = Math.min(doneRecords, position)
  }
  if (doneRecords === sequenceNumbers.length) return { kind: 'succeeded' }
  if (doneRecords === 0) return failed({ reason: 'first-record-failed' })
  return { kind: 'partly-failed', doneRecords }
}

/**
 * The outcome of a call with a tumbling window, which has to answer with the window's state; without one it has failed
 * (AWS: "Processing records with tumbling windows").
 */
export function withState(outcome: Outcome, payload: string): Outcome {
  if (outcome.kind !== 'succeeded' && outcome.kind !== 'partly-failed') return outcome
  const answer = parsed(payload)
  const state = isObject(answer) ? answer['state'] : undefined
  return state === undefined
    ? invalid('the answer has no state')
    : { ...outcome, state: JSON.stringify(state) }
}

/** The entries of `batchItemFailures`, or what is wrong with the answer. */
function reportedItems(payload: string): readonly unknown[] | string {
  // A custom runtime may answer with no body at all.
  if (payload === '') return []
  const answer = parsed(payload)
  if (answer === undefined) return 'the answer is not JSON'
  if (answer === null || answer === '' || (Array.isArray(answer) && answer.length === 0)) return []
  if (!isObject(answer)) return 'the answer is not an object'
  const items = answer['batchItemFailures'] ?? []
  return Array.isArray(items) ? items : 'batchItemFailures is not a list'
}

/** `undefined`, which no JSON text gives, for what is no JSON text. */
function parsed(payload: string): unknown {
  try {
    return JSON.parse(payload)
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(detail: string): Outcome {
  return failed({ reason: 'invalid-response', detail })
}

function failed(failure: Failure): Outcome {
  return { kind: 'failed', failure }
}
