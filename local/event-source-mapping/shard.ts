import type { BufferedRecord } from './buffered-record.ts'
import { maximumPayloadBytes } from './event-payload.ts'
import { createLane, enqueue, type Lane, type LaneRules } from './lane.ts'
import { laneOfKey } from './lane-of-key.ts'

/** The most records one read asks for, as Kinesis allows. */
export const maximumReadRecords = 10_000
/** Room for the batch in flight and the next one, in each lane, so that a lane need not wait for the reader. */
const batchesAheadPerLane = 2

/** How far one shard is read, and what of it is not done. */
export interface Shard {
  readonly id: string
  readonly lanes: readonly Lane[]
  /** The last record read. */
  readTo: string | undefined
  /** The last record up to which all are done. */
  checkpoint: string | undefined
  /** Records read behind the checkpoint, done or not, in the order of the shard. */
  readonly pastCheckpoint: string[]
  /** Those of them that are done: a slower lane holds the checkpoint back. */
  readonly finished: Set<string>
  /** Serialised size of those that are not done. */
  unfinishedBytes: number
}

/** A shard read up to `startAfter`, undefined for its beginning. */
export function createShard(id: string, lanes: number, startAfter: string | undefined, nowMs: number): Shard {
  return {
    id,
    lanes: Array.from({ length: lanes }, () => createLane(nowMs)),
    readTo: startAfter,
    checkpoint: startAfter,
    pastCheckpoint: [],
    finished: new Set(),
    unfinishedBytes: 0,
  }
}

/** Takes in records that were read and gives each to the lane of its key. */
export function accept(
  shard: Shard,
  records: readonly BufferedRecord[],
  rules: LaneRules,
  nowMs: number,
): void {
  for (const buffered of records) {
    const lane = shard.lanes[laneOfKey(buffered.record.partitionKey, shard.lanes.length)]
    if (lane === undefined) throw new Error(`shard ${shard.id} has no lanes`)
    enqueue(lane, buffered, rules, nowMs)
    shard.readTo = buffered.record.sequenceNumber
    shard.pastCheckpoint.push(buffered.record.sequenceNumber)
    shard.unfinishedBytes += buffered.jsonBytes
  }
}

/** Marks records as done and moves the checkpoint as far as no unfinished record is passed. */
export function finish(shard: Shard, records: readonly BufferedRecord[]): void {
  for (const { record, jsonBytes } of records) {
    shard.finished.add(record.sequenceNumber)
    shard.unfinishedBytes -= jsonBytes
  }
  const firstUnfinished = shard.pastCheckpoint.findIndex(
    (sequenceNumber) => !shard.finished.has(sequenceNumber),
  )
  const passed = shard.pastCheckpoint.splice(0, firstUnfinished === -1 ? Infinity : firstUnfinished)
  for (const sequenceNumber of passed) shard.finished.delete(sequenceNumber)
  shard.checkpoint = passed.at(-1) ?? shard.checkpoint
}

/**
 * How many records may be read now.
 *
 * None while the shard is read far enough past its checkpoint: a lane that is stuck thus stops its shard in the
 * end, and memory stays bounded. How far AWS reads ahead is not known.
 */
export function readableRecords(shard: Shard, rules: LaneRules): number {
  const batchesAhead = batchesAheadPerLane * shard.lanes.length
  if (shard.unfinishedBytes >= batchesAhead * maximumPayloadBytes) return 0
  const maximumRecords = Math.max(batchesAhead * rules.batchSize, maximumReadRecords)
  return Math.min(Math.max(maximumRecords - shard.pastCheckpoint.length, 0), maximumReadRecords)
}
