import { beforeAll, describe, expect, it } from 'vitest'
import { mutants } from '../mutants/mutants.ts'
import { runTrials, type TrialOutcome } from '../mutants/trials.ts'
import { Choices } from './choices.ts'
import { explore } from './explore.ts'
import { type Scenario, shortScenarios } from './scenarios.ts'

const timeoutMs = 120_000

describe('in every order of the requests, whichever of them goes wrong and however', () => {
  it.each(shortScenarios)(
    '$name: every event counts once',
    async (scenario) => {
      const { broke, schedules } = await explore(scenario)
      expect(broke?.violation).toBeUndefined()
      expect(schedules).toBeGreaterThan(1_000)
    },
    timeoutMs,
  )

  it(
    'an order that is left out leads nowhere else than one that is not',
    async () => {
      const [first] = shortScenarios
      if (first === undefined) throw new Error('there is no scenario')
      const plain: Scenario = { ...first, faults: 'none' }
      const short = await explore(plain)
      const whole = await explore({ ...plain, splitsAnswers: true })
      expect(short.results).toEqual(whole.results)
      expect(short.schedules).toBeLessThan(whole.schedules)
    },
    timeoutMs,
  )
})

describe('an engine that is wrong', () => {
  const wrong = mutants.filter(({ name }) =>
    [
      'nothing new answered by a balanced read, without a swap',
      'missing segment not confirmed',
      'segment not awaited',
    ].includes(name),
  )
  const outcomes = new Map<string, TrialOutcome>()

  beforeAll(async () => {
    const [scenario] = shortScenarios
    if (scenario === undefined) throw new Error('there is no scenario')
    const trials = wrong.map((patch) => ({ patch, seeds: [], scenario }))
    await runTrials(trials, 2, ({ patch }, outcome) => outcomes.set(patch?.name ?? '', outcome))
  }, timeoutMs)

  it.each(wrong)('is found out: $name', ({ name }) => {
    const { error, explored } = outcomes.get(name) ?? { error: 'it was not tried' }
    expect(error).toBeUndefined()
    expect(explored?.broke).toMatch(/./)
  })
})

describe('choices', () => {
  it('come in every combination, each once', () => {
    const choices = new Choices()
    const seen: string[] = []
    do {
      const first = choices.pick(3)
      seen.push(`${first}${first === 1 ? choices.pick(2) : ''}`)
    } while (choices.advance())
    expect(seen).toEqual(['0', '10', '11', '2'])
  })

  it('can be made again as they were', () => {
    const choices = new Choices([2, 1])
    expect([choices.pick(3), choices.pick(2), choices.pick(4)]).toEqual([2, 1, 0])
  })
})
