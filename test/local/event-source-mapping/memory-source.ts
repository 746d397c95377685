import type { Clock } from '../../../local/event-source-mapping/clock.ts'
import type { StreamRecord, StreamSource } from '../../../local/event-source-mapping/stream-source.ts'

const FIRST_SEQUENCE_NUMBER = 7

/** A stream in memory. Its sequence numbers begin at 7, so that they soon differ in length. */
export class MemorySource implements StreamSource {
  readonly streamArn = 'arn:aws:kinesis:eu-west-1:000000000000:stream/flights'
  readonly region = 'eu-west-1'
  readonly reads: { readonly shardId: string; readonly atMs: number; readonly limit: number }[] = []
  /** Set to make reads fail. */
  failure: Error | undefined
  readonly #shards: Map<string, StreamRecord[]>
  readonly #clock: Clock
  #gate: Promise<void> | undefined
  #nextSequenceNumber = FIRST_SEQUENCE_NUMBER

  constructor(shardIds: readonly string[], clock: Clock) {
    this.#shards = new Map(shardIds.map((shardId) => [shardId, []]))
    this.#clock = clock
  }

  /** Appends a record and returns its sequence number. */
  put(shardId: string, partitionKey: string, data: Uint8Array = new Uint8Array(1)): string {
    const sequenceNumber = String(this.#nextSequenceNumber)
    this.#nextSequenceNumber += 1
    this.#records(shardId).push({ sequenceNumber, partitionKey, arrivalMs: this.#clock.nowMs(), data })
    return sequenceNumber
  }

  /** Holds the answers of reads back until the returned function is called. */
  hold(): () => void {
    let release: (() => void) | undefined
    this.#gate = new Promise((resolve) => {
      release = resolve
    })
    return () => release?.()
  }

  shardIds(): readonly string[] {
    return [...this.#shards.keys()]
  }

  read(
    shardId: string,
    after: string | undefined,
    limit: number,
  ): readonly StreamRecord[] | Promise<readonly StreamRecord[]> {
    this.reads.push({ shardId, atMs: this.#clock.nowMs(), limit })
    if (this.failure !== undefined) throw this.failure
    const records = this.#records(shardId)
    const from = records.findIndex(({ sequenceNumber }) => sequenceNumber === after) + 1
    const found = records.slice(from, from + limit)
    return this.#gate === undefined ? found : this.#gate.then(() => found)
  }

  lastSequenceNumber(shardId: string): string | undefined {
    return this.#records(shardId).at(-1)?.sequenceNumber
  }

  #records(shardId: string): StreamRecord[] {
    const records = this.#shards.get(shardId)
    if (records === undefined) throw new Error(`no shard ${shardId}`)
    return records
  }
}
