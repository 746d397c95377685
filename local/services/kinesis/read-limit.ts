const windowMs = 1000
const maximumCalls = 5
const bytesPerWindow = 2 * 1024 * 1024

/**
 * What one shard gives to all its readers: 5 calls and 2 MiB a second. A single call may give more, up to 10 MiB, and
 * then none gives anything until that would have taken its time, 5 seconds for 10 MiB.
 *
 * The seconds are counted from the first call after the last one ended; how Kinesis cuts them is not documented.
 * The limits: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetRecords.html
 */
export class ReadLimit {
  #windowStartMs = Number.NEGATIVE_INFINITY
  #callCount = 0
  #totalBytes = 0

  /** Whether a call may read at `nowMs`; if so it is counted. */
  admit(nowMs: number): boolean {
    const lastingMs = Math.max(windowMs, (this.#totalBytes / bytesPerWindow) * windowMs)
    if (nowMs - this.#windowStartMs >= lastingMs) {
      this.#windowStartMs = nowMs
      this.#callCount = 0
      this.#totalBytes = 0
    }
    if (this.#callCount >= maximumCalls || this.#totalBytes >= bytesPerWindow) return false
    this.#callCount += 1
    return true
  }

  /** Counts what an admitted call gave, partition keys included. */
  add(readBytes: number): void {
    this.#totalBytes += readBytes
  }
}
