import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Plan, planOf } from './plan.ts'
import { describeFailure, failureOfPlan, runSeeds } from './run.ts'
import { situationNames } from './situations.ts'
import { tellStory } from './story.ts'

/** A fixed range: the same stories every time. `npm run simulate` tells others. */
const seeds = { from: 0, to: 1_000 }
/** Each situation has to have come up this often in all stories, or they prove nothing. */
const leastOfEachSituation = 20
const timeoutMs = 120_000
const regressions = JSON.parse(
  readFileSync(join(import.meta.dirname, 'regressions.json'), 'utf8'),
) as readonly Plan[]

describe('whatever fails, is lost, late, stale, repeated or killed', () => {
  const { stackTraceLimit } = Error
  beforeAll(() => {
    // A rejected record and a failed request are each an error, and nobody reads their stacks.
    Error.stackTraceLimit = 0
  })
  afterAll(() => {
    Error.stackTraceLimit = stackTraceLimit
  })

  it(
    `every event counts once, and every record has one fate: seeds ${seeds.from} to ${seeds.to - 1}`,
    async () => {
      const { failures, situations } = await runSeeds(seeds.from, seeds.to)
      expect(failures.map(describeFailure).join('\n\n')).toBe('')
      expect(situationNames.filter((name) => situations[name] < leastOfEachSituation)).toEqual([])
    },
    timeoutMs,
  )

  it('what failed once does not fail again', async () => {
    for (const plan of regressions) {
      const failure = await failureOfPlan(plan)
      expect(failure === undefined ? '' : describeFailure(failure)).toBe('')
    }
  })

  it('a seed tells the same story every time, and another seed another', async () => {
    const traces = new Set<string>()
    for (let seed = 0; seed < 20; seed++) {
      const { trace } = await tellStory(planOf(seed))
      expect((await tellStory(planOf(seed))).trace).toBe(trace)
      traces.add(trace)
    }
    expect(traces.size).toBe(20)
  })
})
