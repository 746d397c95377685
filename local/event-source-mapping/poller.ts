import { bufferRecord } from './buffered-record.ts'
import type { Clock } from './clock.ts'
import { type Batch, type Lane, type LaneRules, nextStep, settle } from './lane.ts'
import type { Failure, Outcome } from './outcome.ts'
import { accept, finish, readableRecords, type Shard } from './shard.ts'
import type { StreamRecord, StreamSource } from './stream-source.ts'

/** What a poller needs of its mapping. */
export interface PollerOptions {
  readonly shard: Shard
  readonly source: StreamSource
  readonly rules: LaneRules
  readonly pollIntervalMs: number
  readonly clock: Clock
  readonly random: () => number
  readonly serialise: (record: StreamRecord) => string
  /** Delivers a batch once; never rejects. */
  readonly attempt: (batch: Batch) => Promise<Outcome>
  readonly onDiscard: (batch: Batch, failure: Failure) => void
  readonly onError: (error: unknown) => void
  /** Called after each settled attempt. */
  readonly onProgress: () => void
}

/** Reads one shard and drives its lanes: the edge where their decisions become reads, attempts and timers. */
export class Poller {
  readonly #options: PollerOptions
  readonly #laneTimers = new Map<Lane, () => void>()
  readonly #inFlight = new Set<Promise<void>>()
  #cancelPoll: () => void = () => {}
  /** `full`: reading waits for a batch to be settled rather than for a timer. */
  #reader: 'waiting' | 'reading' | 'full' = 'waiting'
  #running = false

  constructor(options: PollerOptions) {
    this.#options = options
  }

  /** Reads at once and resumes what was stopped. */
  start(): void {
    if (this.#running) return
    this.#running = true
    for (const lane of this.#options.shard.lanes) this.#advance(lane)
    this.#poll()
  }

  /** Begins nothing more; resolves when what is in flight has ended and its outcome is kept. */
  async stop(): Promise<void> {
    this.#running = false
    this.#cancelPoll()
    for (const cancel of this.#laneTimers.values()) cancel()
    this.#laneTimers.clear()
    await Promise.all(this.#inFlight)
  }

  #poll(): void {
    if (!this.#running || this.#reader === 'reading') return
    this.#cancelPoll()
    this.#reader = 'reading'
    this.#track(this.#read())
  }

  async #read(): Promise<void> {
    const { shard, source, rules, clock, serialise } = this.#options
    try {
      // As long as there are records the next read follows without a pause.
      while (this.#running) {
        const limit = readableRecords(shard, rules)
        if (limit === 0) {
          this.#reader = 'full'
          return
        }
        const records = await source.read(shard.id, shard.readTo, limit)
        if (records.length === 0) break
        const buffered = records.map((record) => bufferRecord(record, serialise(record)))
        accept(shard, buffered, rules, clock.nowMs())
        for (const lane of shard.lanes) this.#advance(lane)
      }
    } catch (error) {
      this.#options.onError(error)
    }
    this.#reader = 'waiting'
    if (this.#running) this.#cancelPoll = clock.after(this.#options.pollIntervalMs, () => this.#poll())
  }

  #advance(lane: Lane): void {
    if (!this.#running) return
    const { rules, clock, random } = this.#options
    this.#laneTimers.get(lane)?.()
    this.#laneTimers.delete(lane)
    const nowMs = clock.nowMs()
    const step = nextStep(lane, rules, nowMs, random)
    if (step.kind === 'wait') {
      this.#laneTimers.set(
        lane,
        clock.after(step.untilMs - nowMs, () => this.#advance(lane)),
      )
    } else if (step.kind === 'invoke') {
      this.#track(this.#deliver(lane, step.batch))
    }
  }

  async #deliver(lane: Lane, batch: Batch): Promise<void> {
    const { shard, rules, clock, random, attempt, onDiscard, onProgress } = this.#options
    const outcome = await attempt(batch)
    const { finished, discardedFor } = settle(lane, rules, outcome, clock.nowMs(), random)
    try {
      if (discardedFor !== undefined) onDiscard(batch, discardedFor)
    } finally {
      // The report comes before the checkpoint, and the lane goes on even if nobody could take it.
      finish(shard, finished)
      this.#advance(lane)
      if (this.#reader === 'full') this.#poll()
      onProgress()
    }
  }

  #track(work: Promise<void>): void {
    const tracked = work.catch(this.#options.onError).finally(() => this.#inFlight.delete(tracked))
    this.#inFlight.add(tracked)
  }
}
