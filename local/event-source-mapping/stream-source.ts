/** One record of a stream, as it lies in its shard. */
export interface StreamRecord {
  /** Decimal digits; rises from record to record within a shard. */
  readonly sequenceNumber: string
  readonly partitionKey: string
  /** When the stream accepted the record, epoch milliseconds. */
  readonly arrivalMs: number
  readonly data: Uint8Array
}

/** What a mapping reads from: a stream with a fixed set of shards. */
export interface StreamSource {
  readonly streamArn: string
  readonly region: string
  shardIds(): readonly string[]
  /**
   * The oldest records of a shard after `after` (undefined: from the beginning), in the order of their sequence
   * numbers, at most `limit` and possibly fewer; none only if there are none at present.
   */
  read(
    shardId: string,
    after: string | undefined,
    limit: number,
  ): readonly StreamRecord[] | Promise<readonly StreamRecord[]>
  /** The sequence number of the newest record, undefined if the shard never had one. */
  lastSequenceNumber(shardId: string): string | undefined
}
