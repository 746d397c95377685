import type { Ports, RejectedRecord } from '../../../consumers/engine/ports.ts'
import { MemoryCellStore } from '../../contract/memory-cell-store.ts'
import { paneStartMs } from './departures.ts'
import { ScriptedStore } from './scripted-store.ts'
import { SeededRandom } from './seeded-random.ts'

/** All ports of the engine, in the hands of a test. Time stands still but for sleeps. */
export interface World {
  readonly ports: Ports
  readonly memory: MemoryCellStore
  readonly store: ScriptedStore
  /** `remainingMs` is what the invocation has left; a sleep takes from it. */
  readonly time: { nowMs: number; remainingMs: number }
  readonly sleepsMs: number[]
  /** Rejected records, one list a write; while `failure` is set a write fails with it. */
  readonly failedRecords: { readonly writes: (readonly RejectedRecord[])[]; failure: Error | undefined }
}

export function createWorld(): World {
  const time = { nowMs: paneStartMs, remainingMs: 60_000 }
  const memory = new MemoryCellStore(() => time.nowMs)
  const store = new ScriptedStore(memory)
  const sleepsMs: number[] = []
  const failedRecords: World['failedRecords'] = { writes: [], failure: undefined }
  const ports: Ports = {
    store,
    clock: {
      nowMs: () => time.nowMs,
      sleep: async (durationMs) => {
        sleepsMs.push(durationMs)
        time.nowMs += durationMs
        time.remainingMs -= durationMs
      },
    },
    random: new SeededRandom(1),
    deadline: { remainingMs: () => time.remainingMs },
    failedRecords: {
      writeTimeoutMs: 2_000,
      write: async (records) => {
        if (failedRecords.failure !== undefined) throw failedRecords.failure
        failedRecords.writes.push(records)
      },
    },
  }
  return { ports, memory, store, time, sleepsMs, failedRecords }
}
