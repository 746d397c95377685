import { beforeAll, describe, expect, it } from 'vitest'
import { runTrials, type Trial, type TrialOutcome } from '../mutants/trials.ts'
import { changeMutants } from './mutants.ts'

/** Every mutant of this world dies within them. */
const seeds = [0, 1, 2, 3, 4]
const timeoutMs = 120_000

const outcomes = new Map<string, TrialOutcome>()
let control: TrialOutcome

beforeAll(async () => {
  const trials = changeMutants.map((patch): Trial => ({
    patch,
    seeds,
    breaks: patch.breaks,
    world: 'changes',
  }))
  await runTrials(trials, 2, ({ patch }, outcome) => outcomes.set(patch?.name ?? '', outcome))
  await runTrials([{ patch: undefined, seeds, world: 'changes' }], 1, (_, outcome) => (control = outcome))
}, timeoutMs)

describe('a small change that makes changes wrong is noticed', () => {
  it.each(changeMutants)('$name', ({ name, breaks, diesAt }) => {
    const { error, died, traces } = outcomes.get(name) ?? { traces: {} }
    expect(error).toBeUndefined()
    expect(died).toEqual({ seed: diesAt, broke: breaks })
    expect(Object.entries(traces).some(([seed, trace]) => control.traces[Number(seed)] !== trace)).toBe(true)
  })

  it('and the engine as it is, bundled in the same way, lives through all of these stories', () => {
    expect(control).toMatchObject({
      traces: Object.fromEntries(seeds.map((seed) => [seed, expect.any(String)])),
    })
    expect(control.died).toBeUndefined()
    expect(control.error).toBeUndefined()
  })
})
