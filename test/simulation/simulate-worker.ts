import { runSeeds } from './run.ts'
import { type WorldName, worlds } from './worlds.ts'

/** Seeds from `from` up to, not including, `to`. */
export interface SeedRange {
  readonly from: number
  readonly to: number
  readonly world: WorldName
}

// A rejected record and a failed request are each an error, and nobody reads their stacks.
Error.stackTraceLimit = 0

process.on('message', ({ from, to, world }: SeedRange) => {
  void runSeeds(from, to, worlds[world]).then(
    (tally) => process.send?.(tally),
    (error: unknown) => {
      console.error(`seeds ${from} to ${to}:`, error)
      process.exit(1)
    },
  )
})
process.on('disconnect', () => process.exit())
