import type { Clock } from '../../../local/event-source-mapping/clock.ts'
import { kinesisFilterView, kinesisRecordJson } from '../../../local/event-source-mapping/kinesis-record.ts'
import type {
  ShardRead,
  ShardReader,
  SourceShard,
  StartingPlace,
  StreamRecord,
  StreamSource,
} from '../../../local/event-source-mapping/stream-source.ts'

const FIRST_SEQUENCE_NUMBER = 7

/** What {@link MemorySource.put} may set besides the shard and the key. */
export interface PutOptions {
  /** Default: one byte. */
  readonly data?: Uint8Array
  /** Default: now. */
  readonly arrivalMs?: number
}

/** What a source pretends to be; default: Kinesis, looked into as often as AWS does. */
export type MemorySourceOptions = Partial<Pick<StreamSource, 'kind' | 'pollIntervalMs'>>

interface MemoryShard {
  readonly id: string
  readonly parentIds: readonly string[]
  readonly records: StreamRecord[]
  isClosed: boolean
}

/** A Kinesis stream in memory. Its sequence numbers begin at 7, so that they soon differ in length. */
export class MemorySource implements StreamSource {
  readonly kind: 'kinesis' | 'dynamodb'
  readonly streamArn = 'arn:aws:kinesis:eu-west-1:000000000000:stream/flights'
  readonly pollIntervalMs: number
  readonly reads: { readonly shardId: string; readonly atMs: number; readonly limit: number }[] = []
  /** Set to make reads and listings fail. */
  failure: Error | undefined
  keepsMs = 24 * 3_600_000
  readonly #shards = new Map<string, MemoryShard>()
  readonly #clock: Clock
  #gate: Promise<void> | undefined
  #nextSequenceNumber = FIRST_SEQUENCE_NUMBER

  constructor(shardIds: readonly string[], clock: Clock, options: MemorySourceOptions = {}) {
    const { kind = 'kinesis', pollIntervalMs = kind === 'kinesis' ? 1_000 : 250 } = options
    this.kind = kind
    this.pollIntervalMs = pollIntervalMs
    this.#clock = clock
    for (const id of shardIds) this.addShard(id)
  }

  /** Appends a record and returns its sequence number. */
  put(shardId: string, orderingKey: string, options: PutOptions = {}): string {
    const { data = new Uint8Array(1), arrivalMs = this.#clock.nowMs() } = options
    const sequenceNumber = String(this.#nextSequenceNumber)
    this.#nextSequenceNumber += 1
    const shard = this.#shard(shardId)
    if (shard.isClosed) throw new Error(`${shardId} is closed`)
    const record = {
      SequenceNumber: sequenceNumber,
      PartitionKey: orderingKey,
      ApproximateArrivalTimestamp: arrivalMs / 1_000,
      Data: Buffer.from(data).toString('base64'),
    }
    const origin = {
      shardId,
      streamArn: this.streamArn,
      region: 'eu-west-1',
      executionRoleArn: 'arn:aws:iam::000000000000:role/flights',
    }
    shard.records.push({
      sequenceNumber,
      orderingKey,
      arrivalMs,
      json: kinesisRecordJson(record, origin),
      filterView: () => kinesisFilterView(record),
    })
    return sequenceNumber
  }

  /** Adds an open shard; with parents it is their child, and they are closed. */
  addShard(id: string, parentIds: readonly string[] = []): void {
    for (const parentId of parentIds) this.#shard(parentId).isClosed = true
    this.#shards.set(id, { id, parentIds, records: [], isClosed: false })
  }

  closeShard(id: string): void {
    this.#shard(id).isClosed = true
  }

  /** No longer lists a shard, as when all its records have left the stream. */
  forgetShard(id: string): void {
    this.#shards.delete(id)
  }

  /** Holds the answers of reads back until the returned function is called. */
  hold(): () => void {
    let release: (() => void) | undefined
    this.#gate = new Promise((resolve) => {
      release = resolve
    })
    return () => release?.()
  }

  retentionMs = (): number => this.keepsMs

  async shards(): Promise<readonly SourceShard[]> {
    if (this.failure !== undefined) throw this.failure
    return Array.from(this.#shards.values(), ({ id, parentIds, isClosed }) => ({ id, parentIds, isClosed }))
  }

  async open(shardId: string, place: StartingPlace): Promise<ShardReader> {
    const { records } = this.#shard(shardId)
    let position = positionOf(records, place)
    const latest = { at: 'AT_TIMESTAMP', timestampMs: this.#clock.nowMs() } as const
    return {
      startedAt: place.at === 'LATEST' ? latest : place,
      read: async (limit): Promise<ShardRead> => {
        this.reads.push({ shardId, atMs: this.#clock.nowMs(), limit })
        if (this.failure !== undefined) throw this.failure
        const found = records.slice(position, position + limit)
        await this.#gate
        position += found.length
        return { records: found, isAtEnd: this.#shard(shardId).isClosed && position === records.length }
      },
    }
  }

  #shard(id: string): MemoryShard {
    const shard = this.#shards.get(id)
    if (shard === undefined) throw new Error(`there is no shard ${id}`)
    return shard
  }
}

function positionOf(records: readonly StreamRecord[], place: StartingPlace): number {
  const firstWhere = (holds: (record: StreamRecord) => boolean): number => {
    const position = records.findIndex(holds)
    return position === -1 ? records.length : position
  }
  if (place.at === 'TRIM_HORIZON') return 0
  if (place.at === 'LATEST') return records.length
  if (place.at === 'AT_TIMESTAMP') return firstWhere(({ arrivalMs }) => arrivalMs >= place.timestampMs)
  return firstWhere(({ sequenceNumber }) => BigInt(sequenceNumber) > BigInt(place.sequenceNumber))
}
