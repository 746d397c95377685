import type { Batch } from './batch.ts'
import type { BufferedRecord } from './buffered-record.ts'
import { isoSeconds } from './iso-seconds.ts'

/** The largest event of a synchronous invocation, in bytes of its serialised form (Lambda quotas: 6 MB). */
export const maximumPayloadBytes = 6 * 1024 * 1024

const separatorBytes = 1
const emptyEventBytes = Buffer.byteLength('{"Records":[]}')
/** What a windowed event has besides its records and its state: names, times, two flags, a shard and an ARN. */
const windowBytes = 1024

/** What the events of one shard have in common. */
export interface EventOrigin {
  readonly shardId: string
  readonly streamArn: string
}

/**
 * Puts a batch into an event. With a tumbling window it also says which, and carries the window's `state`, JSON; the
 * members and their order are those of recorded AWS events.
 */
export function eventPayload(
  { records, window }: Batch,
  state: string,
  { shardId, streamArn }: EventOrigin,
): string {
  const list = `{"Records":[${records.map(({ record }) => record.json).join(',')}]`
  if (window === undefined) return `${list}}`
  const { isFinal, isTerminatedEarly } = window
  const members = [
    `"shardId":${JSON.stringify(shardId)}`,
    `"eventSourceARN":${JSON.stringify(streamArn)}`,
    `"window":${JSON.stringify({ start: isoSeconds(window.startMs), end: isoSeconds(window.endMs) })}`,
    `"state":${state}`,
    `"isFinalInvokeForWindow":${isFinal}`,
    `"isWindowTerminatedEarly":${isTerminatedEarly}`,
  ]
  return `${list},${members.join(',')}}`
}

/**
 * How many of the waiting records the next event takes, and whether it is full: nothing that comes later can join it.
 *
 * At most `batchSize` records, `maximumPayloadBytes`, and what `joins` the first record, but at least one record, which
 * may then be too large. `state` is that of a tumbling window, if the event carries one.
 */
export function measureBatch(
  waiting: readonly BufferedRecord[],
  batchSize: number,
  joins: (record: BufferedRecord) => boolean = () => true,
  state?: string,
): { readonly records: number; readonly isFull: boolean } {
  let payloadBytes = emptyEventBytes + (state === undefined ? 0 : windowBytes + Buffer.byteLength(state))
  let records = 0
  for (const each of waiting) {
    if (records === batchSize) break
    payloadBytes += each.jsonBytes + (records > 0 ? separatorBytes : 0)
    if (records > 0 && (payloadBytes > maximumPayloadBytes || !joins(each))) return { records, isFull: true }
    records += 1
  }
  return { records, isFull: records === batchSize || payloadBytes >= maximumPayloadBytes }
}
