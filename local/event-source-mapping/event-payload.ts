import type { BufferedRecord } from './buffered-record.ts'

/** The largest event of a synchronous invocation, in bytes of its serialised form (Lambda quotas: 6 MB). */
export const maximumPayloadBytes = 6 * 1024 * 1024

const emptyEventBytes = Buffer.byteLength(eventPayload([]))
const separatorBytes = 1

/** Puts serialised records into one event. */
export function eventPayload(records: readonly BufferedRecord[]): string {
  return `{"Records":[${records.map(({ json }) => json).join(',')}]}`
}

/**
 * How many of the waiting records the next event takes, and whether it is full: nothing that comes later can join
 * it.
 *
 * At most `batchSize` records and `MAXIMUM_PAYLOAD_BYTES`, but at least one record, which may then be too large.
 */
export function measureBatch(
  waiting: readonly BufferedRecord[],
  batchSize: number,
): { readonly records: number; readonly full: boolean } {
  let payloadBytes = emptyEventBytes
  let records = 0
  for (const { jsonBytes } of waiting) {
    if (records === batchSize) break
    payloadBytes += jsonBytes + (records > 0 ? separatorBytes : 0)
    if (records > 0 && payloadBytes > maximumPayloadBytes) return { records, full: true }
    records += 1
  }
  return { records, full: records === batchSize || payloadBytes >= maximumPayloadBytes }
}
