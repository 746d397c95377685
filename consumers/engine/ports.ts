/**
 * What the engine needs of the world. Everything that is not a function of its arguments comes through here, so that
 * one seed can replay a whole run.
 */
import type { RejectReason } from './errors.ts'

/** A cell's bytes as the store holds them, with the hash by which a swap names them. */
export interface StoredBytes {
  readonly bytes: Uint8Array
  readonly hash: Uint8Array
}

/** `balanced` reads may be stale; `consistent` reads see every acknowledged write, and cost more. */
export type ReadConsistency = 'balanced' | 'consistent'

/** A cache item with compare-and-set. Every method throws `StoreError` unless the store gave a definite answer. */
export interface CellStore {
  /** No request takes longer, in milliseconds: it has failed by then. */
  readonly requestTimeoutMs: number
  /** The item, or `undefined` only where the store answered that there is none. */
  read(address: string, consistency: ReadConsistency): Promise<StoredBytes | undefined>
  /** Stores if there is no item. The new hash, or `undefined` where nothing was stored. `ttlSeconds` is whole, > 0. */
  createIfAbsent(address: string, bytes: Uint8Array, ttlSeconds: number): Promise<Uint8Array | undefined>
  /** Stores if there is an item and its hash is `hash`. Otherwise as `createIfAbsent`. */
  replaceIfEqual(
    address: string,
    bytes: Uint8Array,
    hash: Uint8Array,
    ttlSeconds: number,
  ): Promise<Uint8Array | undefined>
}

/** Where a record came from, exactly enough to find it again in its stream. */
export interface Position {
  /** ARN of the stream, without any consumer. */
  readonly stream: string
  /** The shard; of a source that does not tell it, what tells the record from those of other shards. */
  readonly shard: string
  readonly sequenceNumber: string
}

/** A record as a source hands it to the engine. */
export interface SourceRecord {
  readonly position: Position
  readonly partitionKey: string
  /** When the stream took the record, epoch milliseconds. */
  readonly arrivalMs: number
  readonly payload: Uint8Array
  /** The record as Lambda delivered it; what a reject is written from. */
  readonly raw: unknown
}

/** A record that a source could not make sense of. It is rejected; it may have no position. */
export interface UnreadableRecord {
  readonly reason: RejectReason
  readonly detail: string
  readonly position?: Position
  readonly raw: unknown
}

/** One rejected record as it is written to the failed-records bucket. */
export interface RejectedRecord {
  readonly reason: RejectReason
  readonly detail: string
  readonly position?: Position
  readonly raw: unknown
}

/** Takes the rejected records of one invocation. Resolves only when all are durable; rejects otherwise. */
export interface FailedRecords {
  /** How long a write may take, in milliseconds: the engine keeps that much time back for it. */
  readonly writeTimeoutMs: number
  write(records: readonly RejectedRecord[]): Promise<void>
}

/** Wall-clock time and waiting. */
export interface Clock {
  /** Epoch milliseconds, at most the maximum clock skew away from every other instance's. */
  nowMs(): number
  sleep(durationMs: number): Promise<void>
}

/** Randomness: nonces, incarnations and jitter. */
export interface Random {
  bytes(count: number): Uint8Array
  /** Uniform in [0, 1). */
  fraction(): number
}

/** How long this invocation may still run, in milliseconds. */
export interface Deadline {
  remainingMs(): number
}

/** All ports of one invocation. */
export interface Ports {
  readonly store: CellStore
  readonly failedRecords: FailedRecords
  readonly clock: Clock
  readonly random: Random
  readonly deadline: Deadline
}
