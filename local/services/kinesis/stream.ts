import { AwsServiceError } from '../aws-json-server.ts'
import { hashPartitionKey } from './hash-key.ts'
import type { Shard } from './shard.ts'
import { ShardSet } from './shard-set.ts'
import { scaleUniformly } from './uniform-scaling.ts'

const hourMs = 3_600_000
const defaultRetentionHours = 24

/** How a stream is created. */
export interface StreamOptions {
  /** At first; it changes as shards are split and merged. */
  readonly shardCount: number
  /** Default: `PROVISIONED`. The shards of a stream on demand stay as they are. */
  readonly mode?: StreamMode
  /** From 24 to 8,760. Default: 24. */
  readonly retentionHours?: number
  /** Values by key. Default: none. */
  readonly tags?: Readonly<Record<string, string>>
  /** Whether shards refuse what is over a shard's throughput, in and out. Default: as all streams of the server. */
  readonly limits?: boolean
  /** For tests of producers: refuses the records for which it is true, counted from 0 over the stream's life. */
  readonly failRecord?: (recordCount: number) => boolean
}

/** Whether the number of shards is the owner's to change. */
export type StreamMode = 'PROVISIONED' | 'ON_DEMAND'

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

/**
 * A stream: its shards, and the way of a record into the right one.
 *
 * It is active from its creation on: shards are split and merged within the call, so that the status `UPDATING` is
 * never seen. Records older than the retention period, and shards closed for longer, are gone for every caller; their
 * memory comes free when the shard is next written, read or listed.
 */
export class Stream {
  readonly name: string
  readonly arn: string
  readonly accountId: string
  readonly createdMs: number
  readonly mode: StreamMode
  /** Values by key. */
  readonly tags: Map<string, string>
  readonly #nowMs: () => number
  readonly #shards: ShardSet
  readonly #failRecord: (recordCount: number) => boolean
  #retentionHours: number
  #recordCount = 0
  #throttledReads = 0
  #throttledWrites = 0

  constructor({ name, arn, accountId, nowMs }: StreamIdentity, options: StreamOptions) {
    this.name = name
    this.arn = arn
    this.accountId = accountId
    this.createdMs = nowMs()
    this.mode = options.mode ?? 'PROVISIONED'
    this.tags = new Map(Object.entries(options.tags ?? {}))
    this.#nowMs = nowMs
    this.#shards = new ShardSet(options.shardCount, this.createdMs, options.limits ?? false)
    this.#failRecord = options.failRecord ?? (() => false)
    this.#retentionHours = options.retentionHours ?? defaultRetentionHours
  }

  /** The shards that have not expired, closed ones too, in the order of their names. */
  get shards(): readonly Shard[] {
    this.#trim()
    return this.#shards.all()
  }

  /** The shards that take records, in the order of their hash keys. */
  get openShards(): readonly Shard[] {
    return this.#shards.open()
  }

  get retentionHours(): number {
    return this.#retentionHours
  }

  /** How many calls of GetRecords were refused for the rate of a shard. */
  get throttledReads(): number {
    return this.#throttledReads
  }

  /** How many records were refused for the rate of a shard. */
  get throttledWrites(): number {
    return this.#throttledWrites
  }

  /** The shard of that name, unless it has expired; throws `ResourceNotFoundException`. */
  shard(shardId: string): Shard {
    const shard = this.#shards.get(shardId)
    const horizonMs = this.#horizonMs()
    if (shard !== undefined && !shard.isExpired(horizonMs)) {
      shard.trim(horizonMs)
      return shard
    }
    throw new AwsServiceError(
      'ResourceNotFoundException',
      `Shard ${shardId} in stream ${this.name} under account ${this.accountId} does not exist`,
    )
  }

  /** The shards that took over from a closed one. */
  childrenOf(shard: Shard): readonly Shard[] {
    return this.#shards.childrenOf(shard)
  }

  /** Writes one record, or says why not; sizes are the caller's to check. */
  put({ partitionKey, data, hashKey }: NewRecord): PutOutcome {
    const count = this.#recordCount++
    if (this.#failRecord(count)) {
      return { errorCode: 'InternalFailure', errorMessage: 'Internal service failure.' }
    }
    const shard = this.#shards.of(hashKey ?? hashPartitionKey(partitionKey))
    const nowMs = this.#nowMs()
    if (shard.writeLimit?.admit(data.byteLength + Buffer.byteLength(partitionKey), nowMs) === false) {
      this.#throttledWrites += 1
      const { code, message } = this.#rateExceeded(shard)
      return { errorCode: code, errorMessage: message }
    }
    shard.trim(this.#horizonMs())
    const { sequenceNumber } = shard.append(partitionKey, data, nowMs)
    return { shardId: shard.shardId, sequenceNumber }
  }

  /** Counts a call of GetRecords; throws `ProvisionedThroughputExceededException`. */
  admitRead(shard: Shard): void {
    if (shard.readLimit?.admit(this.#nowMs()) !== false) return
    this.#throttledReads += 1
    const { code, message } = this.#rateExceeded(shard)
    throw new AwsServiceError(code, message)
  }

  /** Closes an open shard for two new ones, the second of which begins at a hash key within the range. */
  split(shard: Shard, startingHashKey: bigint): void {
    this.#shards.split(shard, startingHashKey, this.#nowMs())
  }

  /** Closes two open shards that are neighbours for a new one. */
  merge(shard: Shard, adjacent: Shard): void {
    this.#shards.merge(shard, adjacent, this.#nowMs())
  }

  /** From 24 to 8,760; a longer period does not bring back what has gone. */
  retainFor(hours: number): void {
    this.#trim()
    this.#retentionHours = hours
  }

  /** Splits and merges until there are so many open shards of equal size. */
  scale(shardCount: number): void {
    scaleUniformly(this.#shards, shardCount, this.#nowMs())
  }

  #trim(): void {
    const horizonMs = this.#horizonMs()
    this.#shards.expire(horizonMs)
    for (const shard of this.#shards.all()) shard.trim(horizonMs)
  }

  #horizonMs(): number {
    return this.#nowMs() - this.#retentionHours * hourMs
  }

  #rateExceeded({ shardId }: Shard) {
    return {
      code: 'ProvisionedThroughputExceededException' as const,
      message: `Rate exceeded for shard ${shardId} in stream ${this.name} under account ${this.accountId}.`,
    }
  }
}
