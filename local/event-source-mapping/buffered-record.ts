import type { StreamRecord } from './stream-source.ts'

/** A record that was read and is not yet done, serialised once for all its deliveries. */
export interface BufferedRecord {
  readonly record: StreamRecord
  /** The record as it stands in the event. */
  readonly json: string
  /** UTF-8 length of `json`. */
  readonly jsonBytes: number
}

/** Pairs a record with its serialised form. */
export function bufferRecord(record: StreamRecord, json: string): BufferedRecord {
  return { record, json, jsonBytes: Buffer.byteLength(json) }
}
