import { AwsServiceError } from '../aws-json-server.ts'
import { hashPartitionKey, splitHashKeys, toHashKey } from './hash-key.ts'
import { Shard } from './shard.ts'
import { WriteLimit } from './write-limit.ts'

/** How a stream is created. */
export interface StreamOptions {
  /** Fixed for the stream's life: splitting and merging are not modelled. */
  readonly shardCount: number
  /** Whether shards refuse more than 1,000 records or 1 MiB a second. Default: false. */
  readonly writeLimits?: boolean
  /** For tests of producers: refuses the records for which it is true, counted from 0 over the stream's life. */
  readonly failRecord?: (recordCount: number) => boolean
}

/** A record to write. */
export interface NewRecord {
  readonly partitionKey: string
  readonly data: Uint8Array
  /** 32 hexadecimal digits. Default: the MD5 of the partition key. */
  readonly hashKey?: string | undefined
}

/** Where a record went, or why it was refused; the errors are those of PutRecords. */
export type PutOutcome =
  | { readonly shardId: string; readonly sequenceNumber: string }
  | {
      readonly errorCode: 'ProvisionedThroughputExceededException' | 'InternalFailure'
      readonly errorMessage: string
    }

/** Who a stream is and which clock it goes by. */
export interface StreamIdentity {
  readonly name: string
  readonly arn: string
  readonly accountId: string
  /** Whole epoch milliseconds. */
  readonly nowMs: () => number
}

/** A stream: its shards, and the way of a record into the right one. */
export class Stream {
  readonly name: string
  readonly arn: string
  readonly createdMs: number
  readonly shards: readonly Shard[]
  readonly #identity: StreamIdentity
  readonly #startingHashKeys: readonly string[]
  readonly #writeLimits: readonly WriteLimit[]
  readonly #failRecord: (recordCount: number) => boolean
  #recordCount = 0

  constructor(identity: StreamIdentity, options: StreamOptions) {
    this.name = identity.name
    this.arn = identity.arn
    this.createdMs = identity.nowMs()
    this.#identity = identity
    const ranges = splitHashKeys(options.shardCount)
    this.shards = ranges.map((range, index) => new Shard(index, range, this.createdMs))
    this.#startingHashKeys = ranges.map((range) => toHashKey(BigInt(range.startingHashKey)))
    this.#writeLimits = options.writeLimits === true ? this.shards.map(() => new WriteLimit()) : []
    this.#failRecord = options.failRecord ?? (() => false)
  }

  /** The shard of that name; throws `ResourceNotFoundException`. */
  shard(shardId: string): Shard {
    const shard = this.shards.find((candidate) => candidate.shardId === shardId)
    if (shard !== undefined) return shard
    throw new AwsServiceError(
      'ResourceNotFoundException',
      `Shard ${shardId} in stream ${this.name} under account ${this.#identity.accountId} does not exist`,
    )
  }

  /** Writes one record, or says why not; sizes are the caller's to check. */
  put({ partitionKey, data, hashKey }: NewRecord): PutOutcome {
    const count = this.#recordCount++
    if (this.#failRecord(count)) {
      return { errorCode: 'InternalFailure', errorMessage: 'Internal service failure.' }
    }
    const key = hashKey ?? hashPartitionKey(partitionKey)
    const index = this.#startingHashKeys.findLastIndex((start) => start <= key)
    const shard = this.shards[index]
    if (shard === undefined) throw new RangeError(`no shard for hash key ${key}`)
    const nowMs = this.#identity.nowMs()
    const recordBytes = data.byteLength + Buffer.byteLength(partitionKey)
    if (this.#writeLimits[index]?.admit(recordBytes, nowMs) === false) {
      const { name, accountId } = this.#identity
      return {
        errorCode: 'ProvisionedThroughputExceededException',
        errorMessage: `Rate exceeded for shard ${shard.shardId} in stream ${name} under account ${accountId}.`,
      }
    }
    const { sequenceNumber } = shard.append(partitionKey, data, nowMs)
    return { shardId: shard.shardId, sequenceNumber }
  }
}
