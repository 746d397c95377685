import { isDeepStrictEqual } from 'node:util'
import * as fc from 'fast-check'
import { dictionarySteps, listSteps, setSteps } from './collection-steps.ts'
import { ModelItems, ranked } from './model-items.ts'
import { scalarSteps } from './scalar-steps.ts'
import { pairs, sortedSetSteps } from './sorted-set-steps.ts'
import { bytes, keys, step, text } from './step.ts'
import type { RealItems, Step, Storage } from './step.ts'

/** The clock of the items is the model's. */
const timePasses = step<{ ms: number }>(
  'pass',
  { ms: fc.constantFrom(0, 0.5, 1, 1.5, 998) },
  () => undefined,
  (items, { ms }) => items.pass(ms),
)

const families = [scalarSteps, dictionarySteps, setSteps, listSteps, sortedSetSteps]
/** A history of one family has much to look at, and one of all has items of another kind in the way. */
const histories = [...families, families.flat()].map((steps) =>
  fc.oneof({ arbitrary: timePasses, weight: 1 }, { arbitrary: fc.oneof(...steps), weight: 6 }),
)

class Call implements fc.Command<ModelItems, RealItems> {
  readonly #step: Step
  readonly #storage: Storage

  constructor(made: Step, storage: Storage) {
    this.#step = made
    this.#storage = storage
  }

  check(): boolean {
    return true
  }

  run(model: ModelItems, items: RealItems): void {
    const { observed, expected } = this.#step.run(model, items, this.#storage)
    agree(this.toString(), observed, expected)
    for (const key of keys) {
      agree(
        `${this.toString()}, then ${key}`,
        everythingOf(items, key, this.#storage),
        everythingIn(model, key),
      )
    }
  }

  toString(): string {
    return `${this.#step.name} ${JSON.stringify(this.#step.args)}`
  }
}

/** Any histories of calls and time, in which the items have to answer as the model does, and to hold what it holds. */
export function agreesWithModel(
  storage: Storage,
): fc.IProperty<[Iterable<fc.Command<ModelItems, RealItems>>]> {
  const commands = histories.map((steps) =>
    fc.commands([steps.map((made) => new Call(made, storage))], { maxCommands: 40, size: 'max' }),
  )
  return fc.property(fc.oneof(...commands), (history) => {
    const model = new ModelItems()
    fc.modelRun(() => ({ model, real: new storage.CacheItems(() => model.nowMs) }), history)
  })
}

function agree(where: string, observed: unknown, expected: unknown): void {
  if (isDeepStrictEqual(observed, expected)) return
  throw new Error(`${where}: ${shown(observed)} instead of ${shown(expected)}`)
}

function shown(answer: unknown): string {
  return (
    JSON.stringify(answer, (_, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part)) ?? 'nothing'
  )
}

function everythingOf(items: RealItems, key: string, storage: Storage): unknown {
  const name = bytes(key)
  const remainingTtlMs = items.remainingTtlMs(name)
  switch (items.kindOf(name)) {
    case 'scalar':
      return [remainingTtlMs, text(items.read(name))]
    case 'dictionary':
      return [remainingTtlMs, new Map(textsOf(items.collection(name, storage.Dictionary)?.entries() ?? []))]
    case 'set':
      return [remainingTtlMs, new Set(items.collection(name, storage.ElementSet)?.elements())]
    case 'list':
      return [remainingTtlMs, items.collection(name, storage.ElementList)?.slice().map(text)]
    case 'sortedSet':
      return [remainingTtlMs, pairs(items.collection(name, storage.SortedSet)?.byRank('ascending'))]
    default:
      return [remainingTtlMs, undefined]
  }
}

function everythingIn(model: ModelItems, key: string): unknown {
  const content = model.content(key)
  const remainingTtlMs = model.remainingTtlMs(key)
  switch (content?.kind) {
    case 'scalar':
      return [remainingTtlMs, content.value]
    case 'dictionary':
    case 'list':
      return [remainingTtlMs, content.values]
    case 'set':
      return [remainingTtlMs, content.elements]
    case 'sortedSet':
      return [remainingTtlMs, ranked(content.scores, false)]
    default:
      return [remainingTtlMs, undefined]
  }
}

function textsOf(entries: Iterable<[string, Uint8Array]>): [string, string | undefined][] {
  return Array.from(entries, ([name, value]) => [name, text(value)])
}
