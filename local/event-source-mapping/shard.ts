import { type BufferedRecord, bufferRecord } from './buffered-record.ts'
import { maximumPayloadBytes } from './event-payload.ts'
import {
  createLane,
  enqueue,
  isIdle,
  type Lane,
  type LaneRules,
  type LaneStep,
  nextStep,
  settle,
  settleDiscard,
} from './lane.ts'
import { laneOfKey } from './lane-of-key.ts'
import type { Outcome } from './outcome.ts'
import type { ShardRead, StreamRecord } from './stream-source.ts'
import type { OpenWindow } from './tumbling-window.ts'

/** The most records one read asks for, as Kinesis allows. */
export const maximumReadRecords = 10_000
/** Room for the batch in flight and the next one, in each lane, so that a lane need not wait for the reader. */
const batchesAheadPerLane = 2

/** The settings of a mapping that one of its shards obeys. */
export interface ShardRules extends LaneRules {
  readonly parallelizationFactor: number
  /** Pause after a read that found nothing, or failed. */
  readonly pollIntervalMs: number
  /** Whether the function is to see a record; others count as done. */
  readonly admits: (record: StreamRecord) => boolean
}

/** How far one shard is read, and what of it is not done. */
export interface Shard {
  readonly id: string
  lanes: readonly Lane[]
  reader: 'idle' | 'reading' | 'ended'
  nextReadMs: number
  /** The last record up to which all are done. */
  checkpoint: string | undefined
  /** Records read behind the checkpoint, done or not, in the order of the shard. */
  readonly pastCheckpoint: BufferedRecord[]
  /** Serialised size of those that are not done. */
  unfinishedBytes: number
}

/** What a shard wants to begin now; it has begun, until one of the functions below is told how it ended. */
export type ShardStep =
  | { readonly kind: 'read'; readonly limit: number }
  | (Exclude<LaneStep, { kind: 'wait' }> & { readonly lane: Lane })

/** What to begin, and when to ask again if nothing ends before; never is `Infinity`. */
export interface ShardSteps {
  readonly begin: readonly ShardStep[]
  readonly wakeAtMs: number
}

/** A shard of which nothing is read yet. `window` is the tumbling window in which an earlier life of it was. */
export function createShard(id: string, rules: ShardRules, nowMs: number, window?: OpenWindow): Shard {
  return {
    id,
    lanes: createLanes(rules, nowMs, window),
    reader: 'idle',
    nextReadMs: nowMs,
    checkpoint: undefined,
    pastCheckpoint: [],
    unfinishedBytes: 0,
  }
}

/**
 * Decides what to begin at `nowMs`: the reading of the shard, one invocation or one report of a lane.
 *
 * The shard is not read further while it is read far enough past its checkpoint: a lane that is stuck thus stops its
 * shard in the end, and memory stays bounded. How far AWS reads ahead is not known.
 */
export function nextSteps(shard: Shard, rules: ShardRules, nowMs: number, random: () => number): ShardSteps {
  const begin: ShardStep[] = []
  let wakeAtMs = Infinity
  for (const lane of shard.lanes) {
    const step = nextStep(lane, rules, nowMs, random)
    if (step.kind === 'wait') wakeAtMs = Math.min(wakeAtMs, step.untilMs)
    else begin.push({ ...step, lane })
  }
  const limit = readableRecords(shard, rules)
  if (shard.reader === 'idle' && limit > 0) {
    if (nowMs < shard.nextReadMs) return { begin, wakeAtMs: Math.min(wakeAtMs, shard.nextReadMs) }
    shard.reader = 'reading'
    begin.push({ kind: 'read', limit })
  }
  return { begin, wakeAtMs }
}

/**
 * Takes in what a read found and gives each record to the lane of its key. As long as there are records the next read
 * follows without a pause.
 */
export function settleRead(
  shard: Shard,
  { records, isAtEnd }: ShardRead,
  rules: ShardRules,
  nowMs: number,
): void {
  shard.reader = isAtEnd ? 'ended' : 'idle'
  shard.nextReadMs = records.length > 0 ? nowMs : nowMs + rules.pollIntervalMs
  for (const record of records) {
    const isAdmitted = rules.admits(record)
    const buffered = bufferRecord(record)
    shard.pastCheckpoint.push(buffered)
    shard.unfinishedBytes += buffered.jsonBytes
    if (isAdmitted) deal(shard, buffered, rules, nowMs)
    else markDone(shard, [buffered])
  }
  if (isAtEnd) for (const lane of shard.lanes) lane.isShardEnded = true
  moveCheckpoint(shard)
}

/** Notes that a read failed; it is tried again after a pause, from the same place. */
export function settleFailedRead(shard: Shard, pauseMs: number, nowMs: number): void {
  shard.reader = 'idle'
  shard.nextReadMs = nowMs + pauseMs
}

/** Applies what an invocation came to. */
export function settleInvocation(
  shard: Shard,
  lane: Lane,
  outcome: Outcome,
  rules: ShardRules,
  nowMs: number,
  random: () => number,
): void {
  markDone(shard, settle(lane, rules, outcome, nowMs, random))
  moveCheckpoint(shard)
}

/** Notes that a batch was reported as given up; only then the checkpoint passes it. */
export function settleReport(shard: Shard, lane: Lane, nowMs: number): void {
  markDone(shard, settleDiscard(lane, nowMs))
  moveCheckpoint(shard)
}

/**
 * Deals the unfinished records that the rules now admit anew, to as many lanes as they now say; what was filtered stays
 * out. Nothing may be under way. Batches begin again with all their retries, as after any restart of a mapping; a window
 * that is open stays so unless windows now have another length.
 */
export function dealAnew(shard: Shard, rules: ShardRules, nowMs: number): void {
  if (shard.lanes.some(({ underWay }) => underWay !== undefined)) throw new Error(`${shard.id} is at work`)
  const [first] = shard.lanes
  shard.lanes = createLanes(rules, nowMs, first?.window)
  for (const lane of shard.lanes) lane.isShardEnded = shard.reader === 'ended'
  for (const record of shard.pastCheckpoint) {
    if (record.isDone) continue
    if (rules.admits(record.record)) deal(shard, record, rules, nowMs)
    else markDone(shard, [record])
  }
  moveCheckpoint(shard)
}

/** Whether everything that was read is done, though a tumbling window may be open. */
export function isShardIdle({ lanes, pastCheckpoint }: Shard): boolean {
  return pastCheckpoint.length === 0 && lanes.every(isIdle)
}

/** Whether the shard is closed and nothing of it is left to do: its children may be read. */
export function isShardDone(shard: Shard): boolean {
  return (
    shard.reader === 'ended' && isShardIdle(shard) && shard.lanes.every(({ window }) => window === undefined)
  )
}

/** A window is the whole shard's: a mapping with windows has one lane. */
function createLanes(
  { parallelizationFactor, tumblingWindowMs }: ShardRules,
  nowMs: number,
  open: OpenWindow | undefined,
): Lane[] {
  const window = open?.lengthMs === tumblingWindowMs ? { ...open } : undefined
  return Array.from({ length: parallelizationFactor }, () => ({ ...createLane(nowMs), window }))
}

function deal(shard: Shard, buffered: BufferedRecord, rules: ShardRules, nowMs: number): void {
  const lane = shard.lanes[laneOfKey(buffered.record.orderingKey, shard.lanes.length)]
  if (lane === undefined) throw new Error(`${shard.id} has no lanes`)
  enqueue(lane, buffered, rules, nowMs)
}

function markDone(shard: Shard, records: readonly BufferedRecord[]): void {
  for (const each of records) {
    each.isDone = true
    shard.unfinishedBytes -= each.jsonBytes
  }
}

/** As far as no unfinished record is passed. */
function moveCheckpoint(shard: Shard): void {
  const firstUnfinished = shard.pastCheckpoint.findIndex(({ isDone }) => !isDone)
  const passed = shard.pastCheckpoint.splice(0, firstUnfinished === -1 ? Infinity : firstUnfinished)
  shard.checkpoint = passed.at(-1)?.record.sequenceNumber ?? shard.checkpoint
}

/** Half of what fits at least, or every batch that ends would let in a few records, and lanes would send few at a time. */
function readableRecords(shard: Shard, rules: ShardRules): number {
  const batchesAhead = batchesAheadPerLane * shard.lanes.length
  if (shard.unfinishedBytes >= batchesAhead * maximumPayloadBytes) return 0
  const maximumRecords = Math.max(batchesAhead * rules.batchSize, maximumReadRecords)
  const room = maximumRecords - shard.pastCheckpoint.length
  return room < maximumRecords / 2 ? 0 : Math.min(room, maximumReadRecords)
}
