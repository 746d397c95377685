import type { FailedRecords, RejectedRecord } from '../../consumers/engine/ports.ts'
import type { World } from './world.ts'

/** Of a write to the failed-records bucket. */
export const writeTimeoutMs = 2_000
const travelMs = 40

/** Who writes rejected records, and what it wants to know of the write. */
export interface Rejecter {
  hear(run: () => void): void
  sentRejects(records: readonly RejectedRecord[]): void
  /** All of them are durable, and the writer has been told so. */
  heardRejects(records: readonly RejectedRecord[]): void
}

/** The failed-records bucket as one invocation sees it: it takes all, or nothing, or a part and then fails. */
export function simulatedFailedRecords(world: World, rejecter: Rejecter): FailedRecords {
  return {
    writeTimeoutMs,
    write: (records) =>
      new Promise((resolve, reject) => {
        rejecter.sentRejects(records)
        const isPartial = world.happens('failedRecordsPartial')
        const isLost = world.happens('failedRecordsLost')
        if (isPartial) world.saw('failed-records write partial')
        else if (isLost) world.saw('failed-records write lost')
        world.scheduler.after(isLost ? writeTimeoutMs : world.random.between(1, travelMs), () => {
          rejecter.hear(() => {
            if (isPartial || isLost) {
              reject(new Error(isPartial ? 'only a part was written' : 'the bucket did not answer'))
              return
            }
            rejecter.heardRejects(records)
            resolve()
          })
        })
      }),
  }
}
