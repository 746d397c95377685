import { beforeAll, describe, expect, it } from 'vitest'
import type { Mutant } from './mutant.ts'
import { mutants } from './mutants.ts'
import { patchText } from './mutated-bundle.ts'
import { runTrials, type Trial, type TrialOutcome } from './trials.ts'

/** Told before and after the story in which a mutant is known to die. */
const around = { before: 2, after: 2 }
/** Told where it no longer dies there: a change of the engine or of the world makes other stories of the same seeds. */
const elsewhere = 3_000
const jobs = 2
const timeoutMs = 600_000

const outcomes = new Map<string, TrialOutcome>()
let control: TrialOutcome

beforeAll(async () => {
  const trials = mutants.map((patch): Trial => ({ patch, seeds: seedsOf(patch), breaks: patch.breaks }))
  await runTrials(trials, jobs, ({ patch }, outcome) => outcomes.set(patch?.name ?? '', outcome))
  const told = new Set([...outcomes.values()].flatMap(({ traces }) => Object.keys(traces).map(Number)))
  await runTrials([{ patch: undefined, seeds: [...told] }], 1, (_, outcome) => (control = outcome))
}, timeoutMs)

describe('a small change that makes the engine wrong is noticed', () => {
  it.each(mutants)('$name', ({ name, breaks }) => {
    const { error, died, traces } = outcomes.get(name) ?? { traces: {} }
    expect(error).toBeUndefined()
    expect(died?.broke).toBe(breaks)
    expect(Object.entries(traces).some(([seed, trace]) => control.traces[Number(seed)] !== trace)).toBe(true)
  })

  it('and the engine as it is, bundled in the same way, lives through all of these stories', () => {
    expect(control.error).toBeUndefined()
    expect(control.died).toBeUndefined()
    expect(Object.keys(control.traces).length).toBeGreaterThanOrEqual(around.after)
  })
})

describe('a mutant that no longer fits the code', () => {
  const patch = { name: 'forgetful', file: 'commit.ts', find: 'remember()', replace: 'forget()' }

  it('is refused where what it replaces is gone, or is there twice', () => {
    expect(() => patchText('nothing', patch)).toThrow('“forgetful” no longer fits')
    expect(() => patchText('remember(); remember()', patch)).toThrow('is in commit.ts 2 times')
  })

  it('is made where it is there once', () => {
    expect(patchText('first(); remember(); last()', patch)).toBe('first(); forget(); last()')
  })
})

it('no two mutants have one name', () => {
  expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length)
})

function seedsOf({ diesAt }: Mutant): number[] {
  const first = Math.max(0, diesAt - around.before)
  const near = Array.from({ length: around.before + around.after + 1 }, (_, index) => first + index)
  return [...new Set([...near, ...Array.from({ length: elsewhere }, (_, seed) => seed)])]
}
