import { AwsServiceError } from '../aws-json-server.ts'
import { firstPosition } from './binary-search.ts'
import type { HashKeyRange } from './hash-key.ts'
import { ReadLimit } from './read-limit.ts'
import { type KinesisRecord, RecordLog } from './record-log.ts'
import { countIn, sequenceNumber, sequencePrefix, shardIdIn, shardIdOf } from './sequence-number.ts'
import { WriteLimit } from './write-limit.ts'

/** What a shard is from its creation on. */
export interface ShardOptions {
  /** Gives the shard its name; a stream uses each index once. */
  readonly index: number
  readonly hashKeyRange: HashKeyRange
  /** Whole epoch milliseconds. */
  readonly createdMs: number
  /** The closed shard that was split, or the two that were merged, that of the call first; default: none. */
  readonly parents?: readonly Shard[]
  /** Whether it refuses more than a shard's throughput; default: false. */
  readonly limited?: boolean
}

/** When a shard was closed, and the number that follows all of its records. */
export interface ShardEnd {
  readonly closedMs: number
  readonly sequenceNumber: string
}

/**
 * An append-only list of records with strictly growing sequence numbers, until it is closed.
 *
 * Appending and trimming take the same steps however full the shard is. A record of 200 bytes takes some 500 bytes of
 * memory until it is trimmed.
 */
export class Shard {
  readonly shardId: string
  readonly hashKeyRange: HashKeyRange
  readonly createdMs: number
  readonly parentIds: readonly string[]
  /** Comes before every record's number; no record has it. */
  readonly startingSequenceNumber: string
  readonly writeLimit: WriteLimit | undefined
  readonly readLimit: ReadLimit | undefined
  readonly #sequencePrefix: string
  readonly #log = new RecordLog()
  #lastArrivalMs = Number.NEGATIVE_INFINITY
  #end: ShardEnd | undefined

  constructor({ index, hashKeyRange, createdMs, parents = [], limited = false }: ShardOptions) {
    this.shardId = shardIdOf(index)
    this.hashKeyRange = hashKeyRange
    // Numbers of a key must grow from parent to child though the clock goes back.
    this.createdMs = Math.max(createdMs, ...parents.map(({ end }) => end?.closedMs ?? createdMs))
    this.parentIds = parents.map(({ shardId }) => shardId)
    this.#sequencePrefix = sequencePrefix(this.createdMs, index)
    this.startingSequenceNumber = sequenceNumber(this.#sequencePrefix, 0)
    this.writeLimit = limited ? new WriteLimit() : undefined
    this.readLimit = limited ? new ReadLimit() : undefined
  }

  /** All records that are kept, oldest first; a copy. */
  get records(): readonly KinesisRecord[] {
    return this.#log.slice(this.#log.start, this.#log.end)
  }

  /** Undefined as long as the shard is open. */
  get end(): ShardEnd | undefined {
    return this.#end
  }

  /** The position of the oldest record that is kept; positions count all records that the shard ever had. */
  get trimHorizon(): number {
    return this.#log.start
  }

  /** The position that the next record will have. */
  get tip(): number {
    return this.#log.end
  }

  /** Appends a record that arrives at `nowMs`, epoch milliseconds; the data is kept, not copied. */
  append(partitionKey: string, data: Uint8Array, nowMs: number): KinesisRecord {
    if (this.#end !== undefined) throw new Error(`${this.shardId} is closed`)
    this.#lastArrivalMs = Math.max(nowMs, this.#lastArrivalMs)
    const number = sequenceNumber(this.#sequencePrefix, this.#log.end + 1)
    const record = { sequenceNumber: number, partitionKey, arrivalMs: this.#lastArrivalMs, data }
    this.#log.append(record)
    return record
  }

  /** From now on the shard takes no record. */
  close(nowMs: number): void {
    this.#end = {
      closedMs: Math.max(nowMs, this.createdMs, this.#lastArrivalMs),
      sequenceNumber: sequenceNumber(this.#sequencePrefix, this.#log.end + 1),
    }
  }

  /** Forgets the records that arrived before `horizonMs`, epoch milliseconds. */
  trim(horizonMs: number): void {
    const { start, end } = this.#log
    if (start < end && this.#log.at(start).arrivalMs < horizonMs) {
      this.#log.dropBefore(this.positionAtTime(horizonMs))
    }
  }

  /** Whether it was closed, and with it its last record arrived, before `horizonMs`, epoch milliseconds. */
  isExpired(horizonMs: number): boolean {
    return this.#end !== undefined && this.#end.closedMs < horizonMs
  }

  /** The record at a position from {@link Shard.trimHorizon} to {@link Shard.tip}. */
  recordAt(position: number): KinesisRecord {
    return this.#log.at(position)
  }

  /**
   * The position of the first record after a sequence number, or of the oldest one if that is trimmed.
   *
   * Throws `InvalidArgumentException` for a number that is not of this shard.
   */
  positionAfter(after: string): number {
    return this.#kept(this.#countIn(after))
  }

  /** The position of the record with this sequence number, or of the next one; throws as {@link Shard.positionAfter}. */
  positionOf(number: string): number {
    return this.#kept(this.#countIn(number) - 1)
  }

  /** The position of the first record that arrived at `timestampMs`, epoch milliseconds, or later. */
  positionAtTime(timestampMs: number): number {
    const { start, end } = this.#log
    return (
      start + firstPosition(end - start, (offset) => this.#log.at(start + offset).arrivalMs >= timestampMs)
    )
  }

  #kept(position: number): number {
    return Math.min(Math.max(position, this.#log.start), this.#log.end)
  }

  #countIn(number: string): number {
    const shardId = shardIdIn(number)
    if (shardId !== undefined && number.startsWith(this.#sequencePrefix)) {
      return countIn(number, this.#sequencePrefix)
    }
    const reason =
      shardId === undefined || shardId === this.shardId
        ? 'It is not of this stream.'
        : `It encodes ${shardId}, while it was used in a call to ${this.shardId}`
    throw new AwsServiceError('InvalidArgumentException', `Invalid StartingSequenceNumber. ${reason}`)
  }
}
