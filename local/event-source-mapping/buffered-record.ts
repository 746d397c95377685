import type { StreamRecord } from './stream-source.ts'

/** A record that was read and that the checkpoint has not passed. */
export interface BufferedRecord {
  readonly record: StreamRecord
  /** UTF-8 length of the record's `json`. */
  readonly jsonBytes: number
  /** Needs no more delivery: it succeeded, was filtered out, or was given up. */
  isDone: boolean
}

/** A record that was just read. */
export function bufferRecord(record: StreamRecord): BufferedRecord {
  return { record, jsonBytes: Buffer.byteLength(record.json), isDone: false }
}
