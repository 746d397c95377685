import { type CellLimits, cellLimits } from '../../consumers/engine/cell.ts'
import type { Pipeline } from '../../consumers/engine/pipeline.ts'
import { Cache } from './cache.ts'
import type { State } from '../../consumers/engine/measures/measure.ts'
import { type ModelEvent, modelGroups } from './model.ts'
import { pipelineOf } from './pipeline.ts'
import { type FaultName, lossFaults, type Plan } from './plan.ts'
import { SimulatedRandom } from './random.ts'
import { Scheduler } from './scheduler.ts'
import { noSituations, type Situation, type Situations } from './situations.ts'
import type { StreamRecord } from './stream.ts'
import { Trace } from './trace.ts'

/** What must never happen, and did. */
export interface Violation {
  readonly invariant: string
  readonly detail: string
  readonly atMs: number
}

/** A record that an invocation has answered for. */
export interface Delivery {
  readonly record: StreamRecord
  readonly startedAtMs: number
  readonly endedAtMs: number
  /** It is in the failed-records bucket; else it was in a state that was stored. */
  readonly isRejected: boolean
}

/** A write that was given up is applied at most so long after that; the margin before a pane's expiry allows for it. */
export const longestLateApplyMs = 30_000
/** No clock is further from true time. */
export const mostClockSkewMs = 10_000
/** A warm segment is trusted for so long, so a replay begins that long after a loss. */
export const replayDelayMs = 60_000
/** Between the last record and the end of the losses. */
const lossTailMs = 5_000
/** Of faults that go on while a replay repairs. */
const replayUnderFaultsMs = 20_000
const quietTailMs = 15_000
/** Events, repeats and loss among them draw from the plan's numbers; what happens to them draws from others. */
const storySalt = 0x5eed
const isLoss: ReadonlySet<FaultName> = new Set(lossFaults)

/** What all parts of one story share. */
export class World {
  readonly plan: Plan
  readonly pipeline: Pipeline
  readonly limits: CellLimits
  readonly random: SimulatedRandom
  readonly trace = new Trace()
  readonly scheduler: Scheduler
  readonly cache: Cache
  readonly situations: Situations = noSituations()
  /** Every event that was sent, by its id. */
  readonly events = new Map<string, ModelEvent>()
  /** When each cell last lost something, and where it may have. */
  readonly lostAtMs = new Map<string, number>()
  readonly mayHaveLost = new Set<string>()
  /** From then on no fault takes anything out of the cache. */
  readonly lossesEndAtMs: number
  /** From then on nothing goes wrong any more, and what is left has to get done. */
  readonly quietAtMs: number
  /** What was acknowledged, delivery by delivery. */
  readonly deliveries: Delivery[] = []
  /** Hashes of heads that two consistent reads, one after the other, have answered with damaged bytes. */
  readonly spoiltReads = new Set<string>()
  /** Segments that are gone or damaged, and how often a read of one was answered with damaged bytes. */
  readonly lostSegments = new Set<string>()
  readonly spoiltSegments = new Map<string, number>()
  /** Sequence numbers of records that a mapping has given up. */
  readonly discarded = new Set<string>()
  readonly acknowledgedSegments = new Set<string>()
  /** Of the last requests that were applied. */
  readonly lastMet: { head?: string; segment?: string } = {}
  requests = 0
  violation: Violation | undefined
  /** Where the story is told to, line by line. */
  readonly lines: string[] | undefined

  constructor(plan: Plan, tells: boolean) {
    const { startMs, mappingDelayMs } = plan.world
    const lastRecordMs = Math.max(0, ...plan.records.map(({ atMs }) => atMs))
    const hasLosses = lossFaults.some((fault) => plan.faults[fault] > 0)
    this.plan = plan
    this.pipeline = pipelineOf(plan.world)
    this.limits = {
      activeIds: plan.world.sealAboveIds,
      segmentIds: plan.world.idsPerSegment,
      headBytes: cellLimits.headBytes,
    }
    this.random = new SimulatedRandom(plan.seed ^ storySalt)
    this.scheduler = new Scheduler(startMs, this.random, this.trace)
    this.cache = new Cache(() => this.scheduler.nowMs)
    this.lossesEndAtMs = startMs + Math.max(mappingDelayMs, lastRecordMs) + lossTailMs
    this.quietAtMs = this.lossesEndAtMs + (hasLosses ? replayDelayMs + replayUnderFaultsMs : quietTailMs)
    this.lines = tells ? [] : undefined
  }

  get nowMs(): number {
    return this.scheduler.nowMs
  }

  get isQuiet(): boolean {
    return this.nowMs >= this.quietAtMs
  }

  /** What a set of events adds up to: per grouping, key -> a state of each measure. */
  groupsOf(events: readonly ModelEvent[]): readonly ReadonlyMap<string, readonly State[]>[] {
    return modelGroups(events)
  }

  /** Whether the fault strikes here. A number is drawn in any case. */
  happens(fault: FaultName): boolean {
    const strikes = this.random.chance(this.plan.faults[fault])
    return strikes && this.nowMs < (isLoss.has(fault) ? this.lossesEndAtMs : this.quietAtMs)
  }

  /** Counts a situation. */
  saw(situation: Situation): void {
    this.situations[situation]++
    this.trace.noteText(situation)
    this.tell(() => situation)
  }

  /** Notes that a cell has lost something. */
  loses(address: string): void {
    this.lostAtMs.set(address, this.nowMs)
    this.mayHaveLost.add(address)
  }

  /** Holds what must hold. The first violation ends the story; what is thrown would be caught by what is under test. */
  check(holds: boolean, invariant: string, detail: () => string): void {
    if (holds || this.violation !== undefined) return
    this.violation = { invariant, detail: detail(), atMs: this.nowMs - this.plan.world.startMs }
    this.tell(() => `VIOLATED: ${invariant}: ${detail()}`)
  }

  tell(line: () => string): void {
    this.lines?.push(
      `${((this.nowMs - this.plan.world.startMs) / 1_000).toFixed(3).padStart(8)} s  ${line()}`,
    )
  }
}
