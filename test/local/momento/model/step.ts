import * as fc from 'fast-check'
import type { ModelItems } from './model-items.ts'
import { Refused } from './model-items.ts'
import type * as storageUnderTest from './storage-under-test.ts'

/** The storage core as it is, or a changed copy of it. */
export type Storage = typeof storageUnderTest
export type RealItems = InstanceType<Storage['CacheItems']>

/** One call, made of the items and of their model. */
export interface Step {
  readonly name: string
  readonly args: object
  /** What the items answer and what they should have. */
  readonly run: (model: ModelItems, items: RealItems, storage: Storage) => Outcome
}

export interface Outcome {
  readonly observed: unknown
  readonly expected: unknown
}

/** Steps of one name with drawn arguments. */
export function step<Args extends object>(
  name: string,
  args: { [Name in keyof Args]: fc.Arbitrary<Args[Name]> },
  real: (items: RealItems, args: Args, storage: Storage) => unknown,
  model: (items: ModelItems, args: Args) => unknown,
): fc.Arbitrary<Step> {
  return fc.record<Args>(args as never).map((drawn) => ({
    name,
    args: drawn,
    run: (modelItems, items, storage) => ({
      observed: orRefused(() => real(items, drawn, storage)),
      expected: orRefused(() => model(modelItems, drawn)),
    }),
  }))
}

/** The answer, or that there is none: a changed copy of the core has a StorageError of its own. */
export function orRefused(call: () => unknown): unknown {
  try {
    return call()
  } catch (error) {
    if (error instanceof Refused || (error instanceof Error && error.name === 'StorageError'))
      return 'refused'
    throw error
  }
}

export const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1')
export const allBytes = (texts: readonly string[]): Uint8Array[] => texts.map(bytes)
export const text = (value: Uint8Array | undefined): string | undefined =>
  value && Buffer.from(value).toString('latin1')

/** Mostly the key of that kind of item, sometimes one on which another kind may be. */
export const keyOf = (kind: string): fc.Arbitrary<string> =>
  fc.oneof({ arbitrary: fc.constant(kind), weight: 8 }, { arbitrary: fc.constantFrom(...keys), weight: 1 })

export const keys = ['scalar', 'dictionary', 'set', 'list', 'sortedSet', 'otherSortedSet']
export const value = fc.constantFrom('', 'x', 'y', 'xx', '1', '-3', '2.5', '9223372036854775807')
export const element = fc.constantFrom('', 'a', 'b', 'c', 'aa', '\u00ff')
export const elements = fc.array(element, { maxLength: 4 })
export const index = fc.option(fc.integer({ min: -6, max: 6 }), { nil: undefined })
export const ttlMs = fc.oneof(
  { arbitrary: fc.constantFrom(1, 2.5, 1000), weight: 20 },
  { arbitrary: fc.constantFrom(0, 86_400_001), weight: 1 },
)
export const refreshTtl = fc.boolean()

/** The model refuses a time to live that is to be set and is none. */
export function checkedTtl(ttlToSetMs: number): number {
  if (ttlToSetMs <= 0 || ttlToSetMs > 86_400_000) throw new Refused()
  return ttlToSetMs
}
