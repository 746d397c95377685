import { type Plan, planOf } from './plan.ts'
import { shrink } from './shrink.ts'
import { addSituations, noSituations, type Situations } from './situations.ts'
import { type Outcome, tellStory } from './story.ts'
import type { Violation } from './world.ts'

/** Every so many seeds, one is told twice. */
const twiceEvery = 50
/** There is something to mend by then. */
export const mostFailures = 10
const sameTrace = 'the same seed tells the same story'

/** A world that stories are told of. A plan is told by the one that drew it. */
export interface Telling {
  planOf(seed: number): Plan
  tellStory(plan: Plan, options?: { readonly tells?: boolean }): Promise<Outcome>
}

/** The world of events. */
export const events: Telling = { planOf, tellStory }

/** A seed whose story broke an invariant. */
export interface Failure {
  readonly seed: number
  readonly violation: Violation
  /** A smaller plan that breaks the same invariant. */
  readonly plan: Plan
  /** The story of the smaller plan. */
  readonly story: readonly string[]
}

/** What came out of some seeds. */
export interface Tally {
  runs: number
  requests: number
  steps: number
  readonly situations: Situations
  readonly failures: Failure[]
}

export function emptyTally(): Tally {
  return { runs: 0, requests: 0, steps: 0, situations: noSituations(), failures: [] }
}

/** Adds what came out of other seeds. */
export function addTally(to: Tally, from: Tally): void {
  to.runs += from.runs
  to.requests += from.requests
  to.steps += from.steps
  addSituations(to.situations, from.situations)
  to.failures.push(...from.failures)
}

/** Tells the stories of the seeds `from` up to, not including, `to`; each of the first ten that fail is made smaller. */
export async function runSeeds(from: number, to: number, of: Telling = events): Promise<Tally> {
  const tally = emptyTally()
  for (let seed = from; seed < to && tally.failures.length < mostFailures; seed++) {
    const plan = of.planOf(seed)
    const { violation, requests, steps, situations, trace } = await of.tellStory(plan)
    tally.runs++
    tally.requests += requests
    tally.steps += steps
    addSituations(tally.situations, situations)
    if (violation !== undefined) tally.failures.push(await failureOf(plan, violation, of))
    else if (seed % twiceEvery === 0) {
      const again = await of.tellStory(plan)
      if (again.trace !== trace) {
        const differs = { invariant: sameTrace, detail: `${trace} and ${again.trace}`, atMs: 0 }
        tally.failures.push({ seed, violation: differs, plan, story: [] })
      }
    }
  }
  return tally
}

/** What a plan breaks, told as a story; `undefined` if nothing. */
export async function failureOfPlan(plan: Plan, of: Telling = events): Promise<Failure | undefined> {
  const { violation, lines } = await of.tellStory(plan, { tells: true })
  return violation === undefined ? undefined : { seed: plan.seed, violation, plan, story: lines }
}

async function failureOf(plan: Plan, violation: Violation, of: Telling): Promise<Failure> {
  const smaller = await shrink(plan, violation.invariant, (each) => of.tellStory(each))
  return (await failureOfPlan(smaller, of)) ?? { seed: plan.seed, violation, plan, story: [] }
}

/** A failure as people read it: what broke, what it takes, and what happened. */
export function describeFailure({ seed, violation, plan, story }: Failure): string {
  const faults = Object.entries(plan.faults).filter(([, rate]) => rate > 0)
  return [
    `seed ${seed}: ${violation.invariant}`,
    `  ${violation.detail}, ${violation.atMs / 1_000} s into the story`,
    `  ${plan.records.length} records, faults: ${faults.map(([name, rate]) => `${name} ${rate.toFixed(3)}`).join(', ') || 'none'}`,
    `  happenings: ${plan.happenings.map(({ kind, atMs }) => `${kind} at ${atMs / 1_000} s`).join(', ') || 'none'}`,
    `  world: ${JSON.stringify(plan.world)}`,
    ...story.map((line) => `  ${line}`),
  ].join('\n')
}
