import { AwsServiceError } from '../aws-json-server.ts'
import { firstPosition } from './binary-search.ts'
import type { HashKeyRange } from './hash-key.ts'
import { sequenceNumber, sequencePrefix, shardIdIn, shardIdOf } from './sequence-number.ts'

/** A record as the shard keeps it. */
export interface KinesisRecord {
  readonly sequenceNumber: string
  readonly partitionKey: string
  /** Epoch milliseconds by the server's clock; never less than the record's before. */
  readonly arrivalMs: number
  readonly data: Uint8Array
}

/**
 * An append-only list of records with strictly growing sequence numbers.
 *
 * Appending takes the same steps however full the shard is. Nothing is ever trimmed, for retention is not modelled:
 * a record of 200 bytes takes some 600 bytes of memory for good, and garbage collection slows with millions of them.
 */
export class Shard {
  readonly shardId: string
  readonly hashKeyRange: HashKeyRange
  /** Comes before every record's number; no record has it. */
  readonly startingSequenceNumber: string
  readonly #sequencePrefix: string
  readonly #records: KinesisRecord[] = []

  constructor(index: number, hashKeyRange: HashKeyRange, createdMs: number) {
    this.shardId = shardIdOf(index)
    this.hashKeyRange = hashKeyRange
    this.#sequencePrefix = sequencePrefix(createdMs, index)
    this.startingSequenceNumber = sequenceNumber(this.#sequencePrefix, 0)
  }

  /** All records, oldest first; a live view. */
  get records(): readonly KinesisRecord[] {
    return this.#records
  }

  /** Of the newest record; undefined as long as there is none. */
  get lastSequenceNumber(): string | undefined {
    return this.#records.at(-1)?.sequenceNumber
  }

  /** Appends a record that arrives at `nowMs`, epoch milliseconds; the data is kept, not copied. */
  append(partitionKey: string, data: Uint8Array, nowMs: number): KinesisRecord {
    const arrivalMs = Math.max(nowMs, this.#records.at(-1)?.arrivalMs ?? nowMs)
    const number = sequenceNumber(this.#sequencePrefix, this.#records.length + 1)
    const record = { sequenceNumber: number, partitionKey, arrivalMs, data }
    this.#records.push(record)
    return record
  }

  /**
   * Up to `limit` records that follow a sequence number, or from the oldest on if it is undefined.
   *
   * Throws as {@link Shard.positionAfter} does.
   */
  recordsAfter(after: string | undefined, limit: number): readonly KinesisRecord[] {
    const position = after === undefined ? 0 : this.positionAfter(after)
    return this.#records.slice(position, position + limit)
  }

  /**
   * The position in {@link Shard.records} of the first record after a sequence number.
   *
   * Throws `InvalidArgumentException` for a number that is not of this shard.
   */
  positionAfter(after: string): number {
    this.#refuseForeign(after)
    return firstPosition(this.#records.length, (position) => this.#at(position).sequenceNumber > after)
  }

  /** The position of the record with this sequence number, or of the next one; throws as {@link Shard.positionAfter}. */
  positionOf(number: string): number {
    this.#refuseForeign(number)
    return firstPosition(this.#records.length, (position) => this.#at(position).sequenceNumber >= number)
  }

  /** The position of the first record that arrived at `timestampMs`, epoch milliseconds, or later. */
  positionAtTime(timestampMs: number): number {
    return firstPosition(this.#records.length, (position) => this.#at(position).arrivalMs >= timestampMs)
  }

  #at(position: number): KinesisRecord {
    const record = this.#records[position]
    if (record === undefined) throw new RangeError(`${this.shardId} has no record at position ${position}`)
    return record
  }

  #refuseForeign(number: string): void {
    const shardId = shardIdIn(number)
    if (shardId !== undefined && number.startsWith(this.#sequencePrefix)) return
    const reason =
      shardId === undefined || shardId === this.shardId
        ? 'It is not of this stream.'
        : `It encodes ${shardId}, while it was used in a call to ${this.shardId}`
    throw new AwsServiceError('InvalidArgumentException', `Invalid StartingSequenceNumber. ${reason}`)
  }
}
