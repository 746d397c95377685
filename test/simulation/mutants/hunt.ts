import { mutants } from './mutants.ts'
import { runTrials, type Trial } from './trials.ts'

/**
 * Lets every mutant live until its first seed that breaks something, and prints which, and what it breaks. Resolves with
 * how many survive.
 */
export async function huntMutants(from: number, seeds: number, jobs: number): Promise<number> {
  let survivors = 0
  const trials = mutants.map((patch): Trial => ({
    patch,
    seeds: Array.from({ length: seeds }, (_, index) => from + index),
  }))
  await runTrials(trials, jobs, ({ patch }, { died, error }) => {
    if (died === undefined) survivors++
    const fate =
      died === undefined ? `SURVIVES ${seeds} seeds` : `${String(died.seed).padStart(6)}  ${died.broke}`
    console.log(`${(patch?.name ?? '').padEnd(60)} ${error ?? fate}`)
  })
  console.log(`${mutants.length} mutants, ${survivors} survive`)
  return survivors
}
