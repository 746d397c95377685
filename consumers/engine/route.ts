import { addressIn, type BatchCells, bucketIn, newBatchCells } from './batch-cells.ts'
import type { Contribution } from './cell.ts'
import { decodeJson } from './decode-json.ts'
import { RejectError } from './errors.ts'
import type { DatedEvent } from './evaluate.ts'
import type { Pipeline } from './pipeline.ts'
import type { SourceRecord } from './ports.ts'
import { startOf } from './windows.ts'

/** Payloads above these are rejected unread. */
const maximumPayloadBytes = 1_000_000
const maximumChangeBytes = 6_000_000

/** Where an event belongs, and what it adds there. */
export interface Route {
  /** The definition in force at the event's time. */
  readonly pipeline: Pipeline
  /** The one cell that takes it. */
  readonly address: string
  readonly paneStartMs: number
  readonly contribution: Contribution
  /** Why the record is to be rejected once its contribution is stored, if it is. */
  readonly refusal?: RejectError
}

/**
 * Decodes and validates a record and finds its one cell; `undefined` for an event that the pipeline leaves out. The
 * verdict depends on the record alone, never on the clock, so it is the same at every delivery. `cells` are those of
 * the record's batch.
 * @throws RejectError, whatever the record holds and whatever the pipeline's own code throws on it.
 */
export function routeRecord(
  newest: Pipeline,
  record: SourceRecord,
  cells: BatchCells = newBatchCells(),
): Route | undefined {
  const { pipeline, event } = inForce(newest, decodeJson(record.payload, maximumBytesOf(newest)), record)
  const ageMs = record.arrivalMs - event.timeMs
  if (ageMs > pipeline.allowedLatenessMs)
    throw new RejectError('late', `it arrived ${ageMs} ms after its event time`)
  if (-ageMs > pipeline.allowedFutureSkewMs) {
    throw new RejectError('from-the-future', `it arrived ${-ageMs} ms before its event time`)
  }
  const contribution = event.contribute()
  if (contribution === undefined) return undefined
  const paneStartMs = startOf(event.timeMs, pipeline.window.paneMs)
  const bucket = bucketIn(cells, contribution.routingKey, pipeline.buckets)
  const address = addressIn(cells, pipeline, paneStartMs, bucket)
  const route = { pipeline, address, paneStartMs, contribution }
  return contribution.refusal === undefined ? route : { ...route, refusal: contribution.refusal }
}

/** A change carries two items of up to 400 KB, which as JSON are larger; an event of Lambda's has 6 MB at most. */
function maximumBytesOf({ retracts }: Pipeline): number {
  return retracts ? maximumChangeBytes : maximumPayloadBytes
}

/**
 * The definition whose time an event falls into, the newest first: each one reads the event with its own schema, so what
 * was valid when it happened stays valid. Where none takes it, the newest says why.
 */
function inForce(
  newest: Pipeline,
  json: unknown,
  record: SourceRecord,
): { readonly pipeline: Pipeline; readonly event: DatedEvent } {
  let refusal: RejectError | undefined
  let untilMs = Infinity
  for (let pipeline: Pipeline | undefined = newest; pipeline !== undefined; pipeline = pipeline.predecessor) {
    try {
      const event = pipeline.evaluate(json, record)
      if (event.timeMs >= untilMs) break
      if (event.timeMs >= pipeline.effectiveFromMs) return { pipeline, event }
    } catch (error) {
      if (!(error instanceof RejectError)) throw error
      refusal ??= error
    }
    untilMs = pipeline.effectiveFromMs
  }
  throw refusal ?? new RejectError('invalid-time', 'no definition was in force at the event’s time')
}
