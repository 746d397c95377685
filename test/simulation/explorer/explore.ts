import type { Violation } from '../world.ts'
import { Choices } from './choices.ts'
import { tellExplored } from './explored-story.ts'
import { type Scenario, scenarios } from './scenarios.ts'

/** What came of telling every story of a scenario. */
export interface Exploration {
  readonly schedules: number
  readonly requests: number
  /** What there was to say of them, each once. */
  readonly results: ReadonlySet<string>
  /** The first that broke something, and the choices that lead to it. */
  readonly broke: { readonly violation: Violation; readonly choices: readonly number[] } | undefined
}

/** Tells every story of a scenario; ends at the first that breaks something. */
export async function explore(scenario: Scenario): Promise<Exploration> {
  const choices = new Choices()
  const results = new Set<string>()
  let schedules = 0
  let requests = 0
  do {
    const outcome = await tellExplored(scenario, choices)
    schedules++
    requests += outcome.requests
    results.add(outcome.result)
    const { violation } = outcome
    if (violation !== undefined)
      return { schedules, requests, results, broke: { violation, choices: choices.taken } }
  } while (choices.advance())
  return { schedules, requests, results, broke: undefined }
}

/** Explores all scenarios, and prints what came of each. Resolves with how many broke something. */
export async function exploreAll(): Promise<number> {
  let broken = 0
  for (const scenario of scenarios) {
    const startedAtMs = performance.now()
    const { schedules, requests, results, broke } = await explore(scenario)
    const elapsedSeconds = (performance.now() - startedAtMs) / 1_000
    console.log(
      `${scenario.name}: ${schedules} schedules, ${requests} requests, ${results.size} results, ${elapsedSeconds.toFixed(0)} s`,
    )
    if (broke === undefined) continue
    broken++
    const { lines } = await tellExplored(scenario, new Choices(broke.choices), { tells: true })
    console.log([`  breaks: ${broke.violation.invariant}, ${broke.violation.detail}`, ...lines].join('\n  '))
  }
  return broken
}
