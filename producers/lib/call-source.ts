import { maximumBytesPerCall, maximumRecordBytes, type OutgoingRecord } from './put-records.ts'

/** A call is not held back for more records than came in this time after its first. */
const lingerMs = 100

/** Cuts a source of records into calls. A source that pauses, such as a terminal, holds back neither records nor an abort. */
export class CallSource<R extends OutgoingRecord> {
  readonly #source: AsyncIterator<R>
  /** The record that was asked for and has not come. */
  #next: Promise<IteratorResult<R>> | undefined
  #failure: { readonly error: unknown } | undefined

  constructor(records: AsyncIterable<R>) {
    this.#source = records[Symbol.asyncIterator]()
  }

  /**
   * The next call's records: at most `mostRecords` and 5 MiB; none at the end, or after an abort before the first.
   * @throws what the source failed with, once all that came before it has been taken.
   */
  async take(mostRecords: number, signal: AbortSignal): Promise<R[]> {
    const call: R[] = []
    let bytes = 0
    let linger: NodeJS.Timeout | undefined
    const wait = new AbortController()
    const endWait = (): void => wait.abort()
    const waited = new Promise<undefined>((resolve) => {
      wait.signal.addEventListener('abort', () => resolve(undefined), { once: true })
    })
    signal.addEventListener('abort', endWait, { once: true })
    if (signal.aborted) endWait()
    try {
      while (call.length < mostRecords && bytes <= maximumBytesPerCall - maximumRecordBytes) {
        const next = await Promise.race([this.#peek(), waited])
        if (next === undefined) break
        this.#next = undefined
        if (next.done === true) break
        call.push(next.value)
        bytes += next.value.data.length + Buffer.byteLength(next.value.partitionKey)
        linger ??= setTimeout(endWait, lingerMs)
      }
    } catch (error) {
      this.#failure = { error }
    } finally {
      clearTimeout(linger)
      signal.removeEventListener('abort', endWait)
    }
    if (this.#failure !== undefined && call.length === 0) throw this.#failure.error
    return call
  }

  /** Ends the source. One that still owes a record is told so and not waited for. */
  async close(): Promise<void> {
    const ended = Promise.resolve(this.#source.return?.())
    if (this.#next === undefined) await ended
    else ended.catch(() => undefined)
  }

  #peek(): Promise<IteratorResult<R>> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error)
    if (this.#next === undefined) {
      this.#next = this.#source.next()
      // Whether somebody still waits for it or not.
      this.#next.catch(() => undefined)
    }
    return this.#next
  }
}
