import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeFailure, failureOfPlan, runSeeds } from '../run.ts'
import type { Situation } from '../situations.ts'
import { type ChangesPlan, changesPlanOf } from './plan.ts'
import { type ChangeSituation, changeSituationNames } from './situations.ts'
import { changes, tellChanges } from './story.ts'

/** A fixed range: the same stories every time. `npm run simulate -- --world changes` tells others. */
const seeds = { from: 0, to: 400 }
/** Each situation has to have come up this often in all stories, or they prove nothing. */
const leastOfEachSituation = 20
const timeoutMs = 120_000
/** Of what can befall any cell, what a retraction must outlive. */
const situations: readonly (Situation | ChangeSituation)[] = [
  ...changeSituationNames,
  'swap refused',
  'own write found after its answer was lost',
  'late apply stored',
  'lossy restart',
  'replay after a loss',
  'replay beside live traffic',
  'two mappings',
  'split',
  'merge',
  'sealed',
  'segment confirmed lost',
  'killed',
  'rejected as expired',
  'rejected as over-cap',
  'read that is not complete',
]
const regressions = JSON.parse(
  readFileSync(join(import.meta.dirname, 'regressions.json'), 'utf8'),
) as readonly ChangesPlan[]

describe('however the changes of a table come, are lost or repeated', () => {
  const { stackTraceLimit } = Error
  beforeAll(() => {
    // A rejected record and a failed request are each an error, and nobody reads their stacks.
    Error.stackTraceLimit = 0
  })
  afterAll(() => {
    Error.stackTraceLimit = stackTraceLimit
  })

  it(
    `the cells add up to its rows: seeds ${seeds.from} to ${seeds.to - 1}`,
    async () => {
      const tally = await runSeeds(seeds.from, seeds.to, changes)
      expect(tally.failures.map(describeFailure).join('\n\n')).toBe('')
      const seen = new Map<string, number>(Object.entries(tally.situations))
      expect(situations.filter((name) => (seen.get(name) ?? 0) < leastOfEachSituation)).toEqual([])
    },
    timeoutMs,
  )

  it('what failed once does not fail again', async () => {
    for (const plan of regressions) {
      const failure = await failureOfPlan(plan, changes)
      expect(failure === undefined ? '' : describeFailure(failure)).toBe('')
    }
  })

  it('a seed tells the same story every time, and another seed another', async () => {
    const traces = new Set<string>()
    for (let seed = 0; seed < 20; seed++) {
      const { trace } = await tellChanges(changesPlanOf(seed))
      expect((await tellChanges(changesPlanOf(seed))).trace).toBe(trace)
      traces.add(trace)
    }
    expect(traces.size).toBe(20)
  })
})
