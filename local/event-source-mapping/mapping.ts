import { attempt } from './attempt.ts'
import type { Clock } from './clock.ts'
import { type DiscardedBatch, discardedBatch } from './discarded-batch.ts'
import type { Invoke } from './invoke.ts'
import { kinesisRecordJson } from './kinesis-record.ts'
import type { Batch } from './lane.ts'
import { type Outcome, type OutcomeName, outcomeName } from './outcome.ts'
import { Poller } from './poller.ts'
import { assertProperties, type MappingProperties } from './properties.ts'
import { createShard, type Shard } from './shard.ts'
import type { StreamSource } from './stream-source.ts'

const defaultPollIntervalMs = 1000

/** What a mapping did since it was made. */
export interface MappingStats {
  /** Attempts by what they came to; those without an entry did not occur. */
  readonly attempts: Partial<Record<OutcomeName, number>>
  /** Records that reached the function, counted again with each delivery. */
  readonly recordsDelivered: number
  /** Age of the last record of the latest batch when it was sent; undefined before the first. */
  readonly iteratorAgeMs: number | undefined
  /** Lanes with a batch that is in flight or waits for its next attempt. */
  readonly lanesBusy: number
}

/** What a mapping is made of. */
export interface MappingOptions {
  readonly source: StreamSource
  readonly invoke: Invoke
  readonly properties: MappingProperties
  readonly clock: Clock
  /** From 0 to below 1: jitter and request ids. */
  readonly random: () => number
  /** Named by each record of the event. */
  readonly executionRoleArn: string
  readonly onDiscard: (discarded: DiscardedBatch) => void
  /** Told of reads and invocations that could not be made, which are tried again; a process warning unless set. */
  readonly onError?: (error: unknown) => void
}

/**
 * Feeds the records of a stream to a function as Lambda's event source mapping does: at least once, in order for
 * each partition key, with a checkpoint for each shard that never passes an unfinished record.
 *
 * Its shards are those that the stream has at the first start, or when it starts over.
 */
export class EventSourceMapping {
  readonly #options: MappingOptions
  readonly #onError: (error: unknown) => void
  readonly #shards = new Map<string, { readonly shard: Shard; readonly poller: Poller }>()
  readonly #attempts: Partial<Record<OutcomeName, number>> = {}
  #recordsDelivered = 0
  #iteratorAgeMs: number | undefined
  #drainWaiters: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = []

  /** @throws RangeError for a setting outside its range */
  constructor(options: MappingOptions) {
    assertProperties(options.properties)
    this.#options = options
    this.#onError = options.onError ?? warn
  }

  /** Begins to read every shard, or goes on where {@link stop} left off. */
  start(): void {
    if (this.#shards.size === 0) this.#openShards()
    for (const { poller } of this.#shards.values()) poller.start()
    this.#releaseIfDrained()
  }

  /** Begins no batch any more; resolves when the invocations in flight have ended and their outcome is kept. */
  async stop(): Promise<void> {
    const waiters = this.#drainWaiters.splice(0)
    const { uuid } = this.#options.properties
    for (const { reject } of waiters) reject(new Error(`mapping ${uuid} was stopped before it was drained`))
    await Promise.all(Array.from(this.#shards.values(), ({ poller }) => poller.stop()))
  }

  /**
   * Stops, forgets every checkpoint and starts again, as a mapping that is deleted and made anew on the same stream:
   * everything from its starting position on is delivered again, in new batches.
   */
  async startOver(): Promise<void> {
    await this.stop()
    this.#shards.clear()
    this.start()
  }

  /** Whether every lane is idle and every shard's checkpoint at its last sequence number. */
  isDrained(): boolean {
    const { source } = this.#options
    return source.shardIds().every((shardId) => {
      const opened = this.#shards.get(shardId)
      const last = source.lastSequenceNumber(shardId)
      // A checkpoint at the last record passes no unfinished one, so the lanes are idle then.
      return opened !== undefined && (last === undefined || last === opened.shard.checkpoint)
    })
  }

  /** Resolves as soon as the mapping is drained; rejects if it is stopped before. */
  drained(): Promise<void> {
    if (this.isDrained()) return Promise.resolve()
    return new Promise((resolve, reject) => {
      this.#drainWaiters.push({ resolve, reject })
    })
  }

  /** For each shard the last sequence number up to which all records are done; none for a shard without one. */
  checkpoints(): Record<string, string> {
    const checkpoints: Record<string, string> = {}
    for (const [shardId, { shard }] of this.#shards) {
      if (shard.checkpoint !== undefined) checkpoints[shardId] = shard.checkpoint
    }
    return checkpoints
  }

  stats(): MappingStats {
    const lanes = Array.from(this.#shards.values()).flatMap(({ shard }) => shard.lanes)
    return {
      attempts: { ...this.#attempts },
      recordsDelivered: this.#recordsDelivered,
      iteratorAgeMs: this.#iteratorAgeMs,
      lanesBusy: lanes.filter(({ batch }) => batch !== undefined).length,
    }
  }

  #openShards(): void {
    const { source, properties, clock } = this.#options
    for (const shardId of source.shardIds()) {
      const latest = properties.startingPosition === 'LATEST'
      const startAfter = latest ? source.lastSequenceNumber(shardId) : undefined
      const shard = createShard(shardId, properties.parallelizationFactor, startAfter, clock.nowMs())
      this.#shards.set(shardId, { shard, poller: this.#createPoller(shard) })
    }
  }

  #createPoller(shard: Shard): Poller {
    const { source, properties, clock, random, executionRoleArn, onDiscard } = this.#options
    const { streamArn, region } = source
    const origin = { shardId: shard.id, streamArn, region, executionRoleArn }
    return new Poller({
      shard,
      source,
      rules: properties,
      pollIntervalMs: properties.pollIntervalMs ?? defaultPollIntervalMs,
      clock,
      random,
      serialise: (record) => kinesisRecordJson(record, origin),
      attempt: (batch) => this.#attempt(batch),
      onDiscard: (batch, failure) => onDiscard(discardedBatch(properties.uuid, shard.id, batch, failure)),
      onError: this.#onError,
      onProgress: () => this.#releaseIfDrained(),
    })
  }

  async #attempt(batch: Batch): Promise<Outcome> {
    const { invoke, properties, clock } = this.#options
    const { reportBatchItemFailures } = properties
    const last = batch.records.at(-1)
    if (last !== undefined) this.#iteratorAgeMs = clock.nowMs() - last.record.arrivalMs
    const outcome = await attempt(batch, { invoke, reportBatchItemFailures, onError: this.#onError })

    const name = outcomeName(outcome)
    this.#attempts[name] = (this.#attempts[name] ?? 0) + 1
    const reachedFunction = outcome.kind !== 'refused' && name !== 'payload-too-large'
    if (reachedFunction) this.#recordsDelivered += batch.records.length
    return outcome
  }

  #releaseIfDrained(): void {
    if (this.#drainWaiters.length === 0 || !this.isDrained()) return
    for (const { resolve } of this.#drainWaiters.splice(0)) resolve()
  }
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : new Error(String(error)))
}
