import type { Telling } from '../run.ts'
import { play, type Outcome } from '../story.ts'
import { Stream } from '../stream.ts'
import { checkTable } from './at-rest.ts'
import { writeRow } from './change-stream.ts'
import { type ChangesPlan, changesPlanOf, type PlannedChange } from './plan.ts'
import { readChanges } from './reader.ts'
import type { ChangeSituations } from './situations.ts'
import { ChangesWorld } from './world.ts'

/** How a story of changes went. */
export interface ChangesOutcome extends Outcome {
  readonly situations: Outcome['situations'] & ChangeSituations
}

/** Plays a plan to its end, or to the first thing that must not happen. The same plan always gives the same outcome. */
export async function tellChanges(plan: ChangesPlan, { tells = false } = {}): Promise<ChangesOutcome> {
  const world = new ChangesWorld(plan, tells)
  const stream = new Stream(world)
  const outcome = await play(world, stream, {
    put: (change: PlannedChange) => writeRow(world, stream, change),
    read: () => readChanges(world),
    checkAtRest: () => checkTable(world, stream),
  })
  return { ...outcome, situations: { ...outcome.situations, ...world.changeSituations } }
}

/** The world of changes. */
export const changes: Telling = { planOf: changesPlanOf, tellStory: tellChanges }
