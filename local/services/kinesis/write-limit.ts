const windowMs = 1000
const maximumRecords = 1000
const maximumBytes = 1024 * 1024

/**
 * What one shard accepts: 1,000 records and 1 MiB, keys included, in a second.
 *
 * The seconds are counted from the first record after the last one ended; how Kinesis cuts them is not documented.
 * The limits: https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
 */
export class WriteLimit {
  #windowStartMs = Number.NEGATIVE_INFINITY
  #recordCount = 0
  #totalBytes = 0

  /** Whether a record of `recordBytes` fits at `nowMs`; if so it is counted. */
  admit(recordBytes: number, nowMs: number): boolean {
    if (nowMs - this.#windowStartMs >= windowMs) {
      this.#windowStartMs = nowMs
      this.#recordCount = 0
      this.#totalBytes = 0
    }
    if (this.#recordCount >= maximumRecords || this.#totalBytes + recordBytes > maximumBytes) return false
    this.#recordCount += 1
    this.#totalBytes += recordBytes
    return true
  }
}
