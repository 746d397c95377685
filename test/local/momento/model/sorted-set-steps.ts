import * as fc from 'fast-check'
import { fromTo, ttlOf } from './collection-steps.ts'
import type { Growing } from './collection-steps.ts'
import { ranked, Refused } from './model-items.ts'
import type { ModelItems } from './model-items.ts'
import { bytes, checkedTtl, element, elements, index, keyOf, refreshTtl, step, ttlMs } from './step.ts'
import type { Step } from './step.ts'

type Order = 'ascending' | 'descending'
interface Bound {
  score: number
  exclusive: boolean
}
interface Range {
  min: Bound | undefined
  max: Bound | undefined
}

const key = fc.oneof(keyOf('sortedSet'), keyOf('otherSortedSet'))
const score = fc.constantFrom(-1, 0, 1, 1.5, 2, Infinity)
const order = fc.constantFrom<Order>('ascending', 'descending')
const bound = fc.option(fc.record({ score: fc.constantFrom(-1, 0, 1, 2), exclusive: fc.boolean() }), {
  nil: undefined,
})

const scoresOf = (items: ModelItems, name: string): Map<string, number> =>
  new Map(items.ofKind(name, 'sortedSet')?.scores)

function number(checked: number): number {
  if (Number.isNaN(checked)) throw new Refused()
  return checked + 0
}

function between(
  scores: ReadonlyMap<string, number>,
  { min, max }: Range,
  descending: boolean,
): [string, number][] {
  return ranked(scores, descending).filter(
    ([, one]) =>
      (min === undefined || one > min.score || (one === min.score && !min.exclusive)) &&
      (max === undefined || one < max.score || (one === max.score && !max.exclusive)),
  )
}

export const sortedSetSteps: fc.Arbitrary<Step>[] = [
  step<Growing & { scored: [string, number][] }>(
    'sorted set put',
    { key, ttlMs, refreshTtl, scored: fc.array(fc.tuple(element, score), { maxLength: 5 }) },
    (items, args, { SortedSet }) => {
      const added = args.scored.map(([value]) => bytes(value))
      return items.grow(bytes(args.key), SortedSet, { ...args, elements: added }, (set) => {
        for (const [value, one] of args.scored) set.put(bytes(value), one)
      })
    },
    (items, args) => {
      const scores = new Map([...scoresOf(items, args.key), ...args.scored])
      items.change(args.key, { kind: 'sortedSet', scores }, ttlOf(items, args), args.refreshTtl)
    },
  ),
  step<Growing & { value: string; amount: number }>(
    'sorted set increment',
    { key, ttlMs, refreshTtl, value: element, amount: fc.oneof(score, fc.constant(-Infinity)) },
    (items, args, { SortedSet }) =>
      items.grow(bytes(args.key), SortedSet, { ...args, elements: [bytes(args.value)] }, (set) =>
        set.increment(bytes(args.value), args.amount),
      ),
    (items, args) => {
      const scores = scoresOf(items, args.key)
      const newTtlMs = ttlOf(items, args)
      const sum = number((scores.get(args.value) ?? 0) + args.amount)
      scores.set(args.value, sum)
      items.change(args.key, { kind: 'sortedSet', scores }, newTtlMs, args.refreshTtl)
      return sum
    },
  ),
  step<{ key: string; values: string[] }>(
    'sorted set remove',
    { key, values: elements },
    (items, args, { SortedSet }) =>
      items.shrink(bytes(args.key), SortedSet, (set) => {
        for (const value of args.values) set.delete(bytes(value))
      }),
    (items, args) => {
      const scores = scoresOf(items, args.key)
      for (const value of args.values) scores.delete(value)
      items.change(args.key, { kind: 'sortedSet', scores })
    },
  ),
  step<{ key: string; value: string; order: Order }>(
    'sorted set rank and score',
    { key, value: element, order },
    (items, args, { SortedSet }) => {
      const set = items.collection(bytes(args.key), SortedSet)
      return [set?.rank(bytes(args.value), args.order) ?? -1, set?.score(bytes(args.value))]
    },
    (items, args) => {
      const all = ranked(scoresOf(items, args.key), args.order === 'descending')
      return [all.findIndex(([value]) => value === args.value), new Map(all).get(args.value)]
    },
  ),
  step<{ key: string; order: Order; start: number | undefined; end: number | undefined }>(
    'sorted set by rank',
    { key, order, start: index, end: index },
    (items, args, { SortedSet }) =>
      pairs(items.collection(bytes(args.key), SortedSet)?.byRank(args.order, args.start, args.end)),
    (items, args) =>
      fromTo(ranked(scoresOf(items, args.key), args.order === 'descending'), args.start, args.end),
  ),
  step<{ key: string; order: Order; range: Range; offset: number; count: number }>(
    'sorted set by score',
    {
      key,
      order,
      range: fc.record({ min: bound, max: bound }),
      offset: fc.integer({ min: 0, max: 3 }),
      count: fc.integer({ min: -2, max: 4 }),
    },
    (items, args, { SortedSet }) => {
      const set = items.collection(bytes(args.key), SortedSet)
      const found = pairs(set?.byScore(args.order, args.range, args.offset, args.count))
      return [set?.lengthByScore(args.range) ?? 0, found]
    },
    (items, args) => {
      const all = between(scoresOf(items, args.key), args.range, args.order === 'descending')
      const left = all.slice(args.offset)
      return [all.length, args.count < 0 ? left : left.slice(0, args.count)]
    },
  ),
  step<{
    key: string
    sources: { key: string; weight: number }[]
    aggregate: 'sum' | 'min' | 'max'
    ttlMs: number
  }>(
    'sorted set union',
    {
      key,
      sources: fc.array(fc.record({ key, weight: fc.constantFrom(-1, 0, 1, 2) }), { maxLength: 3 }),
      aggregate: fc.constantFrom('sum', 'min', 'max'),
      ttlMs,
    },
    (items, args, { SortedSet, unionOf }) => {
      const sources = args.sources.map((source) => ({
        set: items.collection(bytes(source.key), SortedSet),
        weight: source.weight,
      }))
      const union = unionOf(sources, args.aggregate)
      items.replace(bytes(args.key), union, args.ttlMs)
      return union.size
    },
    (items, args) => {
      if (args.sources.length === 0) throw new Refused()
      const weighted = args.sources.flatMap((source) =>
        [...scoresOf(items, source.key)].map(([value, one]) => ({ value, score: one * source.weight })),
      )
      const scores = new Map<string, number>()
      for (const { value } of weighted) {
        const ofValue = weighted.filter((one) => one.value === value).map((one) => one.score)
        const aggregated =
          args.aggregate === 'sum'
            ? ofValue.reduce((sum, one) => sum + one)
            : Math[args.aggregate](...ofValue)
        scores.set(value, number(aggregated))
      }
      items.store(args.key, { kind: 'sortedSet', scores }, checkedTtl(args.ttlMs))
      return scores.size
    },
  ),
]

/** Elements as the model has them. */
export function pairs(found: readonly { name: string; score: number }[] | undefined): [string, number][] {
  return found?.map(({ name, score: one }) => [name, one]) ?? []
}
