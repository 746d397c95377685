import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Scenario } from '../explorer/scenarios.ts'
import type { WorldName } from '../worlds.ts'
import type { Patch } from './mutated-bundle.ts'

/** A wrong engine, or the right one, and the seeds whose stories it is told until one breaks something. */
export interface Trial {
  readonly patch: Patch | undefined
  readonly seeds: readonly number[]
  /** Whose stories; default `events`. */
  readonly world?: WorldName
  /** Only this invariant counts, if it is named. */
  readonly breaks?: string
  /** Every story of this is told as well, up to the first that breaks something. */
  readonly scenario?: Scenario
}

/** What came out of it. */
export interface TrialOutcome {
  /** Of each seed that was told. */
  readonly traces: Readonly<Record<number, string>>
  /** The first seed that broke something. */
  readonly died?: { readonly seed: number; readonly broke: string }
  /** Stories of the scenario that were told, and what the last of them broke. */
  readonly explored?: { readonly schedules: number; readonly broke: string | undefined }
  /** It could not be tried. */
  readonly error?: string
}

const processPath = join(import.meta.dirname, 'mutant-process.ts')
const tsx = import.meta.resolve('tsx')
/** A wrong engine may run for ever. */
const longestTrialMs = 600_000

/** Runs trials in so many processes at once; `ended` hears of each when it ends. */
export async function runTrials(
  trials: readonly Trial[],
  jobs: number,
  ended: (trial: Trial, outcome: TrialOutcome) => void,
): Promise<void> {
  const pending = trials.values()
  const work = async (): Promise<void> => {
    const child = fork(processPath, { execArgv: ['--import', tsx] })
    try {
      for (const trial of pending) ended(trial, await outcomeOf(child, trial))
    } finally {
      if (child.connected) child.disconnect()
    }
  }
  await Promise.all(Array.from({ length: Math.min(jobs, trials.length) }, work))
}

async function outcomeOf(child: ChildProcess, trial: Trial): Promise<TrialOutcome> {
  const over = new AbortController()
  const { signal } = over
  const name = trial.patch?.name ?? 'the engine as it is'
  const exit = once(child, 'exit', { signal }).then(() => {
    throw new Error(`the process with “${name}” has ended`)
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), longestTrialMs)
  try {
    child.send(trial)
    const [outcome] = (await Promise.race([once(child, 'message', { signal }), exit])) as [TrialOutcome]
    return outcome
  } finally {
    clearTimeout(timer)
    exit.catch(() => undefined)
    over.abort()
  }
}
