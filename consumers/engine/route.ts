import { type Contribution, cellAddress } from './cell.ts'
import { decodeJson } from './decode-json.ts'
import { RejectError } from './errors.ts'
import { bucketOf, eventId, positionKey } from './identity.ts'
import { encodeKey, type Key } from './keys.ts'
import type { Pipeline } from './pipeline.ts'
import type { SourceRecord } from './ports.ts'
import { startOf } from './windows.ts'

/** Where an event belongs, and what it adds there. */
export interface Route {
  /** The one cell that takes it. */
  readonly address: string
  readonly paneStartMs: number
  readonly contribution: Contribution
}

/**
 * Decodes and validates a record and finds its one cell. The verdict depends on the record alone, never on the clock,
 * so it is the same at every delivery.
 * @throws RejectError, whatever the record holds and whatever the pipeline's own code throws on it.
 */
export function routeRecord(pipeline: Pipeline, record: SourceRecord): Route {
  const event = pipeline.evaluate(decodeJson(record.payload))
  const timeMs = event.timeMs ?? record.arrivalMs
  const ageMs = record.arrivalMs - timeMs
  if (ageMs > pipeline.allowedLatenessMs)
    throw new RejectError('late', `it arrived ${ageMs} ms after its event time`)
  if (-ageMs > pipeline.allowedFutureSkewMs) {
    throw new RejectError('from-the-future', `it arrived ${-ageMs} ms before its event time`)
  }
  // Before anything else is made of a key: whatever is no text or list of texts is rejected here.
  const keys = event.keys.map(encodeKey)
  const bucketKey = event.keys[pipeline.groupings.findIndex((name) => name === pipeline.bucketBy)]
  const routingKey = bucketKey === undefined ? record.partitionKey : routingText(bucketKey)
  const paneStartMs = startOf(timeMs, pipeline.window.paneMs)
  return {
    address: cellAddress(pipeline, paneStartMs, bucketOf(routingKey, pipeline.buckets)),
    paneStartMs,
    contribution: {
      id: eventId(pipeline.name, encodeKey(event.id ?? positionKey(record.position))),
      keys,
      states: event.states,
    },
  }
}

/** The text by which a key is routed: a single text as producers send it as partition key, several encoded. */
export function routingText(key: Key): string {
  if (typeof key === 'string') return key
  const [first, ...rest] = key
  return first !== undefined && rest.length === 0 ? first : encodeKey(key)
}
