const chunkRecords = 4096

/** A record as its shard keeps it. */
export interface KinesisRecord {
  readonly sequenceNumber: string
  readonly partitionKey: string
  /** Epoch milliseconds by the server's clock; never less than the record's before. */
  readonly arrivalMs: number
  readonly data: Uint8Array
}

/**
 * Records by their position, which counts from 0 over the life of the log and never changes: what is dropped from the
 * front leaves the positions of the others as they are.
 *
 * Appending, reading and dropping take the same steps however long the log is. Dropped records leave memory in chunks of
 * 4,096.
 */
export class RecordLog {
  readonly #chunks: KinesisRecord[][] = []
  #firstChunkPosition = 0
  #start = 0
  #end = 0

  /** The position of the oldest record that is kept, or {@link RecordLog.end} if there is none. */
  get start(): number {
    return this.#start
  }

  /** The position that the next record will have. */
  get end(): number {
    return this.#end
  }

  append(record: KinesisRecord): void {
    const last = this.#chunks.at(-1)
    if (last === undefined || last.length === chunkRecords) this.#chunks.push([record])
    else last.push(record)
    this.#end += 1
  }

  /** The record at a position; throws a RangeError if it is dropped or not yet there. */
  at(position: number): KinesisRecord {
    const offset = position - this.#firstChunkPosition
    const record =
      position < this.#start
        ? undefined
        : this.#chunks[Math.floor(offset / chunkRecords)]?.[offset % chunkRecords]
    if (record === undefined) throw new RangeError(`there is no record at position ${position}`)
    return record
  }

  /** The records from a position on, but for those that are dropped, up to, but without, another position. */
  slice(from: number, to: number): readonly KinesisRecord[] {
    const first = Math.max(from, this.#start)
    const length = Math.max(0, Math.min(to, this.#end) - first)
    return Array.from({ length }, (_, index) => this.at(first + index))
  }

  /** Forgets all records before a position. */
  dropBefore(position: number): void {
    this.#start = Math.max(this.#start, Math.min(position, this.#end))
    // A chunk that is not full yet still takes records.
    while (this.#start - this.#firstChunkPosition >= chunkRecords) {
      this.#chunks.shift()
      this.#firstChunkPosition += chunkRecords
    }
  }
}
