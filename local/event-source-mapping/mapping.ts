import { Deliveries, type DeliveryOptions, type ReportFailure } from './deliveries.ts'
import { matchesAny, parseFilterPattern } from './filter-pattern.ts'
import { readableShards } from './lineage.ts'
import { type MappingObserver, silentObserver } from './mapping-observer.ts'
import { countEvents, type MappingStats, newCounters } from './mapping-stats.ts'
import { Poller } from './poller.ts'
import { assertProperties, type MappingProperties, type MappingUpdate } from './properties.ts'
import { createShard, dealAnew, isShardIdle, type Shard, type ShardRules } from './shard.ts'
import type { SourceShard, StartingPlace, StreamSource } from './stream-source.ts'
import type { OpenWindow } from './tumbling-window.ts'

/** How far a mapping has come with one shard. */
export type ShardCheckpoint =
  | { readonly place: StartingPlace; readonly window?: OpenWindow | undefined }
  | { readonly place: 'SHARD_END' }

/** What a mapping is made of. */
export interface MappingOptions extends Pick<DeliveryOptions, 'invoke' | 'clock' | 'onDiscard'> {
  /** Takes the report of a batch that is given up; without it such a batch is dropped. */
  readonly reportFailure?: ReportFailure | undefined
  readonly source: StreamSource
  readonly properties: MappingProperties
  /** From 0 to below 1: jitter and request ids. */
  readonly random: () => number
  /** Told of what could not be read, invoked or reported; a process warning unless set. */
  readonly onError?: (error: unknown) => void
  /** Default: nobody. */
  readonly observer?: MappingObserver
  /** What an earlier mapping gave as its `checkpoints()`: this one goes on from there. */
  readonly checkpoints?: Readonly<Record<string, ShardCheckpoint>>
}

interface OpenShard {
  readonly shard: Shard
  readonly poller: Poller
}

/**
 * Feeds the records of a stream to a function as Lambda's event source mapping does: at least once, in order for each
 * ordering key, with a checkpoint for each shard that never passes an unfinished record. Shards that come of a split or
 * a merge are read when those that they came from are done.
 */
export class EventSourceMapping {
  readonly #options: MappingOptions
  readonly #onError: (error: unknown) => void
  readonly #open = new Map<string, OpenShard>()
  readonly #progress = new Map<string, 'open' | 'done'>()
  readonly #counters = newCounters()
  readonly #observer: MappingObserver
  readonly #deliveries: Deliveries
  #properties: MappingProperties
  #reportFailure: ReportFailure | undefined
  #rules: ShardRules
  #checkpoints: Readonly<Record<string, ShardCheckpoint>>
  /** What the first listing is for: a mapping that begins at LATEST passes by what it finds then. */
  #isNew: boolean
  /** What was last asked for; while something is changed it does not run, and then does as it is wanted. */
  #isWanted = false
  #isRunning = false
  #changes: Promise<void> = Promise.resolve()
  #changesLeft = 0
  #mustList = true
  #listing: Promise<void> | undefined
  #endPause: () => void = () => undefined
  #cancelLook: () => void = () => undefined

  /** @throws RangeError for a setting outside its range */
  constructor(options: MappingOptions) {
    this.#options = options
    this.#onError = options.onError ?? warn
    this.#observer = this.#withSettings(options.observer ?? silentObserver)
    this.#deliveries = new Deliveries({
      ...options,
      onError: this.#onError,
      properties: () => this.#properties,
      reportFailure: () => this.#reportFailure,
      counters: this.#counters,
      observer: this.#observer,
    })
    this.#reportFailure = options.reportFailure
    this.#properties = options.properties
    this.#rules = this.#rulesOf(options.properties)
    this.#checkpoints = options.checkpoints ?? {}
    this.#isNew = Object.keys(this.#checkpoints).length === 0
  }

  /** What it reads. */
  get streamArn(): string {
    return this.#options.source.streamArn
  }

  /** What it feeds. */
  get functionArn(): string {
    return this.#properties.functionArn
  }

  /** Begins to read, or goes on where {@link stop} left off; after what is being changed, if something is. */
  start(): void {
    this.#isWanted = true
    this.#runIfWanted()
  }

  /** Begins nothing any more; resolves when what is under way has ended and its outcome is kept. */
  stop(): Promise<void> {
    this.#isWanted = false
    return this.#change(() => undefined)
  }

  /**
   * Changes settings, while it runs or not. What is under way ends first; then unfinished records are dealt to the lanes
   * anew, so each key keeps its order whatever the factor. AWS takes up to 90 seconds for it.
   * @throws RangeError for settings outside their range; nothing is changed then.
   */
  update(changes: MappingUpdate): Promise<void> {
    return this.#change(() => {
      const properties = { ...this.#properties, ...changes }
      this.#rules = this.#rulesOf(properties)
      this.#properties = properties
      for (const { shard } of this.#open.values()) dealAnew(shard, this.#rules, this.#options.clock.nowMs())
    })
  }

  /** Changes who is told of batches that are given up from now on; nobody: they are dropped. */
  reportFailuresTo(reportFailure: ReportFailure | undefined): void {
    this.#reportFailure = reportFailure
  }

  /**
   * Stops, forgets every checkpoint and starts again, as a mapping that is deleted and made anew on the same stream:
   * everything from its starting position on is delivered again, in new batches.
   */
  startOver(): Promise<void> {
    this.#isWanted = true
    return this.#change(() => {
      this.#open.clear()
      this.#progress.clear()
      this.#checkpoints = {}
      this.#isNew = true
      this.#mustList = true
    })
  }

  /** Whether everything that was read so far is done. */
  isIdle(): boolean {
    const isListed = !this.#mustList && this.#listing === undefined
    return isListed && Array.from(this.#open.values()).every(({ shard }) => isShardIdle(shard))
  }

  /**
   * Resolves when everything is done that the stream had acknowledged before the call; rejects if the mapping is stopped
   * before, or does not run.
   */
  async drained(): Promise<void> {
    const drained = new Set<Poller>()
    for (;;) {
      await this.#changes
      if (!this.#isRunning) throw new Error(`mapping ${this.#properties.uuid} does not run`)
      await this.#listing
      const pollers = Array.from(this.#open.values(), ({ poller }) => poller).filter(
        (each) => !drained.has(each),
      )
      if (pollers.length === 0 && this.#listing === undefined) return
      for (const poller of pollers) {
        // A change of settings cuts the waiting short too; then it begins again.
        if (await poller.drained()) drained.add(poller)
      }
    }
  }

  /** How far it has come with each shard that it knows; a mapping with other lanes may go on from there. */
  checkpoints(): Record<string, ShardCheckpoint> {
    const checkpoints: Record<string, ShardCheckpoint> = {}
    for (const [id, progress] of this.#progress) {
      if (progress === 'done') checkpoints[id] = { place: 'SHARD_END' }
    }
    for (const [id, { shard, poller }] of this.#open) {
      const { checkpoint, lanes } = shard
      const place: StartingPlace =
        checkpoint === undefined
          ? poller.startedAt
          : { at: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: checkpoint }
      const window = lanes[0]?.window
      checkpoints[id] = window === undefined ? { place } : { place, window: { ...window } }
    }
    return checkpoints
  }

  stats(): MappingStats {
    const { attempts, eventCounts, ...counters } = this.#counters
    return { ...counters, attempts: { ...attempts }, eventCounts: { ...eventCounts } }
  }

  /** Begins nothing from now on; then one change after the other, while nothing is under way. */
  async #change(apply: () => void): Promise<void> {
    this.#changesLeft += 1
    this.#isRunning = false
    this.#endPause()
    this.#cancelLook()
    const stopped = [this.#listing, ...Array.from(this.#open.values(), ({ poller }) => poller.stop())]
    const change = Promise.all([this.#changes, ...stopped]).then(apply)
    this.#changes = this.#goOnAfter(change)
    await this.#changes
    await change
  }

  async #goOnAfter(change: Promise<void>): Promise<void> {
    await change.catch(() => undefined)
    this.#changesLeft -= 1
    this.#runIfWanted()
  }

  #runIfWanted(): void {
    if (!this.#isWanted || this.#isRunning || this.#changesLeft > 0) return
    this.#isRunning = true
    for (const { poller } of this.#open.values()) poller.start()
    if (this.#mustList) this.#list()
    else this.#lookAgain()
  }

  /** What of the observer is to be told, as the settings are then. */
  #withSettings(observer: MappingObserver): MappingObserver {
    return {
      ...observer,
      onEvents: (name, records) => {
        if (this.#properties.emitsEventCounts) observer.onEvents(name, records)
      },
    }
  }

  #rulesOf(properties: MappingProperties): ShardRules {
    assertProperties(properties)
    const { source } = this.#options
    const patterns = properties.filterPatterns.map(parseFilterPattern)
    return {
      ...properties,
      pollIntervalMs: source.pollIntervalMs,
      get retentionMs() {
        return source.retentionMs()
      },
      admits: (record) => {
        if (patterns.length === 0 || matchesAny(patterns, record.filterView())) return true
        countEvents(this.#counters, this.#observer, 'FilteredOutEventCount', 1)
        return false
      },
    }
  }

  #list(): void {
    this.#mustList = true
    if (this.#isRunning) this.#listing ??= this.#openReadable()
  }

  async #openReadable(): Promise<void> {
    const { source } = this.#options
    while (this.#mustList && this.#isRunning) {
      this.#mustList = false
      try {
        this.#openShards(await source.shards())
      } catch (error) {
        this.#mustList = true
        this.#onReadError(error)
        if (this.#isRunning) await this.#pause(source.pollIntervalMs)
      }
    }
    this.#listing = undefined
    if (this.#isRunning) this.#lookAgain()
  }

  #onReadError(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error)
    const { streamArn } = this.#options.source
    this.#counters.lastProcessingResult = `PROBLEM: Cannot access stream ${streamArn}. ${reason}`
    this.#onError(error)
  }

  /** A stream whose shards have all ended may list their children later. */
  #lookAgain(): void {
    if (this.#open.size > 0) return
    const { clock, source } = this.#options
    this.#cancelLook()
    this.#cancelLook = clock.after(source.pollIntervalMs, () => this.#list())
  }

  async #pause(pauseMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.#options.clock.after(pauseMs, resolve)
      this.#endPause = () => {
        cancel()
        resolve()
      }
    })
  }

  #openShards(listed: readonly SourceShard[]): void {
    const isLatest = this.#isNew && this.#properties.startingPosition === 'LATEST'
    this.#isNew = false
    for (const { id, isClosed } of listed) {
      const checkpoint = this.#checkpoints[id]
      if (this.#progress.has(id)) continue
      if (checkpoint?.place === 'SHARD_END' || (isLatest && isClosed)) this.#progress.set(id, 'done')
      else if (checkpoint !== undefined) this.#openShard(id, checkpoint.place, checkpoint.window)
      else if (isLatest) this.#openShard(id, { at: 'LATEST' })
    }
    for (const { id } of readableShards(listed, this.#progress)) this.#openShard(id, this.#beginning())
  }

  /** Of a shard that was not there at the start too: nothing in it is passed by. */
  #beginning(): StartingPlace {
    const { startingTimestampMs } = this.#properties
    return startingTimestampMs === undefined
      ? { at: 'TRIM_HORIZON' }
      : { at: 'AT_TIMESTAMP', timestampMs: startingTimestampMs }
  }

  #openShard(id: string, place: StartingPlace, window?: OpenWindow): void {
    const { source, clock, random } = this.#options
    const shard = createShard(id, this.#rules, clock.nowMs(), window)
    const poller = new Poller({
      shard,
      place,
      open: () => source.open(id, place),
      rules: () => this.#rules,
      clock,
      random,
      onRead: ({ records }) => {
        countEvents(this.#counters, this.#observer, 'PolledEventCount', records.length)
        // Where all of them pass it is 0, which is not the same as no value.
        if (this.#properties.filterPatterns.length > 0)
          countEvents(this.#counters, this.#observer, 'FilteredOutEventCount', 0)
      },
      onReadThrottled: () => {
        this.#counters.readThrottles += 1
      },
      attempt: (batch, state) => this.#deliveries.attempt(id, batch, state),
      discard: (batch, reason, state) => this.#deliveries.discard(id, batch, reason, state),
      onError: (error) => this.#onReadError(error),
      onDone: () => {
        this.#open.delete(id)
        this.#progress.set(id, 'done')
        this.#list()
      },
    })
    this.#progress.set(id, 'open')
    this.#open.set(id, { shard, poller })
    if (this.#isRunning) poller.start()
  }
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : new Error(String(error)))
}
