import type { Position, SourceRecord, UnreadableRecord } from '../engine/ports.ts'
import { fields, recordsIn } from './event-fields.ts'

/**
 * The records of a Lambda event from a Kinesis event source mapping, in the batch's order. A record that is not
 * Kinesis' or has no identity comes out as unreadable, to be rejected; none is ever left out.
 * @throws Error where the event is no batch at all: then there is nothing to report on.
 */
export function kinesisRecords(event: unknown): (SourceRecord | UnreadableRecord)[] {
  return recordsIn(event).map(toRecord)
}

function toRecord(raw: unknown): SourceRecord | UnreadableRecord {
  const { kinesis, eventSource, eventSourceARN: streamArn, eventID: eventId } = fields(raw)
  const { sequenceNumber, partitionKey, data, approximateArrivalTimestamp: arrivalSeconds } = fields(kinesis)

  let position: Position | undefined
  if (typeof sequenceNumber === 'string' && typeof streamArn === 'string' && typeof eventId === 'string') {
    // eventID is `shard:sequence number`. With enhanced fan-out the ARN is the consumer's; the position must not
    // depend on who delivers.
    position = { stream: before(streamArn, '/consumer/'), shard: before(eventId, ':'), sequenceNumber }
  }
  if (
    eventSource !== 'aws:kinesis' ||
    position === undefined ||
    typeof partitionKey !== 'string' ||
    typeof data !== 'string' ||
    typeof arrivalSeconds !== 'number' ||
    // JSON has no infinity, but 1e999 is one to its parser.
    !Number.isFinite(arrivalSeconds)
  ) {
    const detail = 'the record is not as Kinesis event source mappings deliver it'
    return { reason: 'unknown-source', detail, ...(position && { position }), raw }
  }
  const payload = Buffer.from(data, 'base64')
  return { position, partitionKey, arrivalMs: Math.round(arrivalSeconds * 1_000), payload, raw }
}

function before(text: string, separator: string): string {
  const at = text.indexOf(separator)
  return at === -1 ? text : text.slice(0, at)
}
