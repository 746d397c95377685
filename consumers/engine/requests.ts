import { StoreError } from './errors.ts'
import type { CellStore, Ports } from './ports.ts'

/** Before an item that was missing or damaged is looked for again. */
const confirmationPauseMs = 100

/** The store requests of one part: counted, none begun for which there is no time left, and none that writes too late. */
export class Requests {
  readonly #ports: Ports
  readonly #gateMs: number
  made = 0
  /** What failed, in the order in which it did: the codes of requests, and the names of what they brought. */
  readonly failures: string[] = []

  /** `gateMs` is the time past which nothing is written, epoch milliseconds. */
  constructor(ports: Ports, gateMs: number) {
    this.#ports = ports
    this.#gateMs = gateMs
  }

  /** Makes a request that writes nothing. Throws `OutOfTimeError` instead, where its time-out would pass the deadline. */
  async read<T>(request: (store: CellStore) => Promise<T>): Promise<T> {
    if (!this.hasTimeFor(1)) throw new OutOfTimeError('no time is left for a request')
    this.made++
    try {
      return await request(this.#ports.store)
    } catch (error) {
      if (error instanceof StoreError) this.failures.push(error.code)
      throw error
    }
  }

  /** Waits a moment, then reads. Only what is missing or damaged then too is lost. */
  async readAgain<T>(request: (store: CellStore) => Promise<T>): Promise<T> {
    if (this.spareMs(1) < confirmationPauseMs) throw new OutOfTimeError('no time is left for another look')
    await this.#ports.clock.sleep(confirmationPauseMs)
    return this.read(request)
  }

  /** As `read`; throws `PaneClosedError` instead of writing past the gate. */
  async write<T>(request: (store: CellStore) => Promise<T>): Promise<T> {
    if (this.isClosed()) throw new PaneClosedError('the pane is closed')
    return this.read(request)
  }

  /** Whether the pane's time is up. */
  isClosed(): boolean {
    return this.#ports.clock.nowMs() > this.#gateMs
  }

  /** Whether so many requests, one after the other, may time out before the failed records have to be written. */
  hasTimeFor(requests: number): boolean {
    return this.spareMs(requests) >= 0
  }

  /** What is left of the time beyond so many requests and the writing of the failed records, milliseconds. */
  spareMs(requests: number): number {
    const { deadline, store, failedRecords } = this.#ports
    return deadline.remainingMs() - requests * store.requestTimeoutMs - failedRecords.writeTimeoutMs
  }
}

/** The time of the invocation ends before a request could. */
export class OutOfTimeError extends Error {
  override readonly name = 'OutOfTimeError'
}

/** Nothing is written to the pane any more: its items are about to expire. */
export class PaneClosedError extends Error {
  override readonly name = 'PaneClosedError'
}
