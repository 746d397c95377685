import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { bundle } from './mutated-bundle.ts'
import type * as toldSeeds from './told-seeds.ts'
import type { Trial, TrialOutcome } from './trials.ts'

type ToldSeeds = Pick<typeof toldSeeds, 'tellSeed' | 'explore'>

// A rejected record and a failed request are each an error, and nobody reads their stacks.
Error.stackTraceLimit = 0

async function run({ patch, seeds, breaks, scenario, world = 'events' }: Trial): Promise<TrialOutcome> {
  const folder = await mkdtemp(join(tmpdir(), 'mutant-'))
  try {
    const outfile = join(folder, 'bundle.mjs')
    await bundle(outfile, patch)
    const { explore, tellSeed } = (await import(pathToFileURL(outfile).href)) as ToldSeeds
    const traces: Record<number, string> = {}
    for (const seed of seeds) {
      const { trace, broke } = await tellSeed(seed, world)
      traces[seed] = trace
      if (broke !== undefined && (breaks ?? broke) === broke) return { traces, died: { seed, broke } }
    }
    if (scenario === undefined) return { traces }
    const { schedules, broke } = await explore(scenario)
    return { traces, explored: { schedules, broke: broke?.violation.invariant } }
  } finally {
    await rm(folder, { recursive: true })
  }
}

process.on('message', (trial: Trial) => {
  void run(trial).then(
    (outcome) => process.send?.(outcome),
    (error: unknown) =>
      process.send?.({ traces: {}, error: error instanceof Error ? error.message : String(error) }),
  )
})
process.on('disconnect', () => process.exit())
