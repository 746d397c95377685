import type { RejectReason } from '../engine/errors.ts'
import type { CellStore, Ports } from '../engine/ports.ts'

/** What one invocation asked of the store, and why it gave records to the failed-records bucket. */
export interface PortUse {
  /** Of every request that ended, milliseconds; one that failed took its time, too. */
  readonly latenciesMs: readonly number[]
  /** Of items that were found, their keys not included. */
  readonly bytesRead: number
  /** Of items that were sent, whatever was answered: the store takes, and charges for, all of them. */
  readonly bytesWritten: number
  /** Writes that another writer was ahead of. */
  readonly conflicts: number
  /** Of records that are durable in the bucket. */
  readonly rejectReasons: readonly RejectReason[]
}

/**
 * The ports of one invocation, and what passes through them. `nowMs` is a clock that never goes back, in milliseconds.
 * The engine knows nothing of it.
 */
export function measured({ store, failedRecords, ...others }: Ports, nowMs: () => number): [Ports, PortUse] {
  const use = {
    latenciesMs: [] as number[],
    bytesRead: 0,
    bytesWritten: 0,
    conflicts: 0,
    rejectReasons: [] as RejectReason[],
  }
  const timed = async <T>(request: () => Promise<T>): Promise<T> => {
    const startedAtMs = nowMs()
    try {
      return await request()
    } finally {
      use.latenciesMs.push(nowMs() - startedAtMs)
    }
  }
  const write = async (
    bytes: Uint8Array,
    request: () => Promise<Uint8Array | undefined>,
  ): Promise<Uint8Array | undefined> => {
    use.bytesWritten += bytes.length
    const hash = await timed(request)
    if (hash === undefined) use.conflicts++
    return hash
  }
  const measuredStore: CellStore = {
    requestTimeoutMs: store.requestTimeoutMs,
    async read(address, consistency) {
      const stored = await timed(() => store.read(address, consistency))
      use.bytesRead += stored?.bytes.length ?? 0
      return stored
    },
    createIfAbsent: (address, bytes, ttlSeconds) =>
      write(bytes, () => store.createIfAbsent(address, bytes, ttlSeconds)),
    replaceIfEqual: (address, bytes, hash, ttlSeconds) =>
      write(bytes, () => store.replaceIfEqual(address, bytes, hash, ttlSeconds)),
  }
  const measuredFailedRecords: Ports['failedRecords'] = {
    writeTimeoutMs: failedRecords.writeTimeoutMs,
    async write(records) {
      await failedRecords.write(records)
      for (const { reason } of records) use.rejectReasons.push(reason)
    },
  }
  return [{ ...others, store: measuredStore, failedRecords: measuredFailedRecords }, use]
}
