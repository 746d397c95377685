import type { Batch, DiscardReason } from './batch.ts'
import type { Clock } from './clock.ts'
import type { Outcome } from './outcome.ts'
import {
  isShardDone,
  isShardIdle,
  nextSteps,
  settleFailedRead,
  settleInvocation,
  settleRead,
  settleReport,
  type Shard,
  type ShardRules,
  type ShardStep,
} from './shard.ts'
import { ReadThrottledError, type ShardRead, type ShardReader, type StartingPlace } from './stream-source.ts'

/** AWS does not say how long it waits before it reads again where a shard allows no more reads in this second. */
const readThrottlePauseMs = 200

/** What a poller needs of its mapping. */
export interface PollerOptions {
  readonly shard: Shard
  readonly place: StartingPlace
  readonly open: () => Promise<ShardReader>
  /** As they are now. */
  readonly rules: () => ShardRules
  readonly clock: Clock
  readonly random: () => number
  readonly onRead: (read: ShardRead) => void
  readonly onReadThrottled: () => void
  /** Delivers a batch once; never rejects. */
  readonly attempt: (batch: Batch, state: string) => Promise<Outcome>
  /** Reports a batch that is given up; never rejects. */
  readonly discard: (batch: Batch, reason: DiscardReason, state: string) => Promise<void>
  readonly onError: (error: unknown) => void
  /** Called once, when the shard is closed and all of it is done. */
  readonly onDone: () => void
}

/** Reads one shard and drives its lanes: the edge where their decisions become reads, invocations, reports and a timer. */
export class Poller {
  readonly #options: PollerOptions
  readonly #underWay = new Set<Promise<void>>()
  #reader: ShardReader | undefined
  #cancelTimer: () => void = () => undefined
  #isRunning = false
  #isDone = false
  #readsBegun = 0
  /** The last read that found the shard read to its end. */
  #lastEmptyRead = 0
  #waiters: { readonly read: number; readonly resolve: (isDrained: boolean) => void }[] = []

  constructor(options: PollerOptions) {
    this.#options = options
  }

  /** Where reading began; of LATEST, once it has begun, what that was. */
  get startedAt(): StartingPlace {
    return this.#reader?.startedAt ?? this.#options.place
  }

  /** Reads at once and resumes what was stopped. */
  start(): void {
    if (this.#isRunning) return
    this.#isRunning = true
    this.#advance()
  }

  /** Begins nothing more; resolves when what is under way has ended and its outcome is kept. */
  async stop(): Promise<void> {
    this.#isRunning = false
    this.#cancelTimer()
    for (const { resolve } of this.#waiters.splice(0)) resolve(false)
    await Promise.all(this.#underWay)
  }

  /** Resolves when a read that begins from now on has found nothing more, and all is done: true; false if stopped before. */
  drained(): Promise<boolean> {
    if (!this.#isRunning) return Promise.resolve(false)
    return new Promise((resolve) => {
      this.#waiters.push({ read: this.#readsBegun + 1, resolve })
      const { shard, clock } = this.#options
      if (shard.reader === 'idle') shard.nextReadMs = clock.nowMs()
      this.#advance()
    })
  }

  #advance(): void {
    const { shard, rules, clock, random, onDone } = this.#options
    if (!this.#isRunning) return
    const nowMs = clock.nowMs()
    const { begin, wakeAtMs } = nextSteps(shard, rules(), nowMs, random)
    this.#cancelTimer()
    if (wakeAtMs < Infinity)
      this.#cancelTimer = clock.after(Math.max(0, wakeAtMs - nowMs), () => this.#advance())
    for (const step of begin) this.#begin(step)
    this.#release()
    if (this.#isDone || !isShardDone(shard)) return
    this.#isDone = true
    onDone()
  }

  #begin(step: ShardStep): void {
    const work = step.kind === 'read' ? this.#read(step.limit) : this.#handle(step)
    const tracked = work.finally(() => {
      this.#underWay.delete(tracked)
      this.#advance()
    })
    this.#underWay.add(tracked)
  }

  async #read(limit: number): Promise<void> {
    const { shard, open, rules, clock, onRead, onReadThrottled, onError } = this.#options
    this.#readsBegun += 1
    const read = this.#readsBegun
    try {
      this.#reader ??= await open()
      const found = await this.#reader.read(limit)
      onRead(found)
      settleRead(shard, found, rules(), clock.nowMs())
      if (found.records.length === 0 || found.isAtEnd) this.#lastEmptyRead = read
      // Who waits for the end does not wait for the next look.
      if (this.#waiters.some((waiter) => waiter.read > read)) shard.nextReadMs = clock.nowMs()
    } catch (error) {
      const isThrottled = error instanceof ReadThrottledError
      settleFailedRead(shard, isThrottled ? readThrottlePauseMs : rules().pollIntervalMs, clock.nowMs())
      if (isThrottled) onReadThrottled()
      else onError(error)
    }
  }

  async #handle(step: Exclude<ShardStep, { kind: 'read' }>): Promise<void> {
    const { shard, rules, clock, random, attempt, discard } = this.#options
    const { lane, batch } = step
    if (step.kind === 'discard') {
      await discard(batch, step.reason, step.state).finally(() => settleReport(shard, lane, clock.nowMs()))
    } else {
      const outcome = await attempt(batch, step.state)
      settleInvocation(shard, lane, outcome, rules(), clock.nowMs(), random)
    }
  }

  #release(): void {
    const { shard } = this.#options
    if (!isShardIdle(shard)) return
    const isReleased = ({ read }: { readonly read: number }): boolean =>
      shard.reader === 'ended' || this.#lastEmptyRead >= read
    const released = this.#waiters.filter(isReleased)
    this.#waiters = this.#waiters.filter((waiter) => !isReleased(waiter))
    for (const { resolve } of released) resolve(true)
  }
}
