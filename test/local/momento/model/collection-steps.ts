import * as fc from 'fast-check'
import type { ModelItems } from './model-items.ts'
import { sumOf } from './scalar-steps.ts'
import {
  allBytes,
  bytes,
  checkedTtl,
  element,
  elements,
  index,
  keyOf,
  refreshTtl,
  step,
  text,
  ttlMs,
  value,
} from './step.ts'
import type { Step } from './step.ts'

interface OnKey {
  key: string
}
/** A call that adds to a collection. */
export interface Growing extends OnKey {
  ttlMs: number
  refreshTtl: boolean
}

const growing = (key: string): { [Name in keyof Growing]: fc.Arbitrary<Growing[Name]> } => ({
  key: keyOf(key),
  ttlMs,
  refreshTtl,
})

/** The model's check of the time to live, which matters only where it is to be set. */
export function ttlOf(items: ModelItems, args: Growing): number {
  const isSet = args.refreshTtl || items.content(args.key) === undefined
  return isSet ? checkedTtl(args.ttlMs) : args.ttlMs
}

const dictionaryOf = (items: ModelItems, key: string): Map<string, string> =>
  new Map(items.ofKind(key, 'dictionary')?.values)
const setOf = (items: ModelItems, key: string): Set<string> => new Set(items.ofKind(key, 'set')?.elements)
const listOf = (items: ModelItems, key: string): string[] => [...(items.ofKind(key, 'list')?.values ?? [])]

export const dictionarySteps: fc.Arbitrary<Step>[] = [
  step<Growing & { pairs: [string, string][] }>(
    'dictionary set',
    { ...growing('dictionary'), pairs: fc.array(fc.tuple(element, value), { maxLength: 3 }) },
    (items, args, { Dictionary }) =>
      items.grow(
        bytes(args.key),
        Dictionary,
        { ...args, elements: allBytes(args.pairs.flat()) },
        (dictionary) => {
          for (const [field, newValue] of args.pairs) dictionary.set(bytes(field), bytes(newValue))
        },
      ),
    (items, args) => {
      const values = dictionaryOf(items, args.key)
      const newTtlMs = ttlOf(items, args)
      for (const [field, newValue] of args.pairs) values.set(field, newValue)
      items.change(args.key, { kind: 'dictionary', values }, newTtlMs, args.refreshTtl)
    },
  ),
  step<Growing & { field: string; amount: number }>(
    'dictionary increment',
    { ...growing('dictionary'), field: element, amount: fc.constantFrom(1, -4) },
    (items, args, { Dictionary }) =>
      items.grow(bytes(args.key), Dictionary, { ...args, elements: [bytes(args.field)] }, (dictionary) =>
        dictionary.increment(bytes(args.field), args.amount),
      ),
    (items, args) => {
      const values = dictionaryOf(items, args.key)
      const newTtlMs = ttlOf(items, args)
      const sum = sumOf(values.get(args.field), args.amount)
      values.set(args.field, `${sum}`)
      items.change(args.key, { kind: 'dictionary', values }, newTtlMs, args.refreshTtl)
      return sum
    },
  ),
  step<OnKey & { fields: string[] }>(
    'dictionary delete',
    { key: keyOf('dictionary'), fields: elements },
    (items, args, { Dictionary }) =>
      items.shrink(bytes(args.key), Dictionary, (dictionary) => {
        for (const field of args.fields) dictionary.delete(bytes(field))
      }),
    (items, args) => {
      const values = dictionaryOf(items, args.key)
      for (const field of args.fields) values.delete(field)
      items.change(args.key, { kind: 'dictionary', values })
    },
  ),
  step<OnKey & { field: string }>(
    'dictionary get',
    { key: keyOf('dictionary'), field: element },
    (items, args, { Dictionary }) =>
      text(items.collection(bytes(args.key), Dictionary)?.get(bytes(args.field))),
    (items, args) => dictionaryOf(items, args.key).get(args.field),
  ),
]

export const setSteps: fc.Arbitrary<Step>[] = [
  step<Growing & { elements: string[] }>(
    'set add',
    { ...growing('set'), elements },
    (items, args, { ElementSet }) =>
      items.grow(bytes(args.key), ElementSet, { ...args, elements: allBytes(args.elements) }, (set) => {
        for (const added of args.elements) set.add(bytes(added))
      }),
    (items, args) => {
      const union = new Set([...setOf(items, args.key), ...args.elements])
      items.change(args.key, { kind: 'set', elements: union }, ttlOf(items, args), args.refreshTtl)
    },
  ),
  step<OnKey & { elements: string[] }>(
    'set remove',
    { key: keyOf('set'), elements },
    (items, args, { ElementSet }) =>
      items.shrink(bytes(args.key), ElementSet, (set) => {
        for (const removed of args.elements) set.delete(bytes(removed))
      }),
    (items, args) => {
      const left = setOf(items, args.key)
      for (const removed of args.elements) left.delete(removed)
      items.change(args.key, { kind: 'set', elements: left })
    },
  ),
  step<OnKey & { elements: string[] }>(
    'set subtract from',
    { key: keyOf('set'), elements },
    (items, args, { ElementSet }) =>
      items.shrink(bytes(args.key), ElementSet, (set) => set.subtractFrom(allBytes(args.elements))),
    (items, args) => {
      const subtracted = setOf(items, args.key)
      const left = subtracted.size === 0 ? [] : args.elements.filter((name) => !subtracted.has(name))
      items.change(args.key, { kind: 'set', elements: new Set(left) })
    },
  ),
  step<OnKey & { element: string }>(
    'set contains',
    { key: keyOf('set'), element },
    (items, args, { ElementSet }) =>
      items.collection(bytes(args.key), ElementSet)?.has(bytes(args.element)) ?? false,
    (items, args) => setOf(items, args.key).has(args.element),
  ),
  fc
    .record({
      key: keyOf('set'),
      count: fc.integer({ min: 0, max: 4 }),
      share: fc.double({ min: 0, max: 0.999 }),
    })
    .chain(({ key, count, share }) =>
      fc.constantFrom('sample', 'pop').map((name): Step => ({
        name: `set ${name}`,
        args: { key, count, share },
        run: (model, items, { ElementSet }) => {
          const isSet = (model.content(key)?.kind ?? 'set') === 'set'
          if (!isSet) return { observed: '', expected: '' }
          const before = setOf(model, key)
          const drawn =
            name === 'pop'
              ? items.shrink(bytes(key), ElementSet, (set) => set.pop(count, () => share))
              : items.collection(bytes(key), ElementSet)?.sample(count, () => share)
          const distinct = new Set((drawn ?? []).filter((one) => before.has(one)))
          if (name === 'pop') {
            for (const one of distinct) before.delete(one)
            model.change(key, { kind: 'set', elements: before })
          }
          return {
            observed: [drawn?.length ?? 0, distinct.size],
            expected: Array(2).fill(Math.min(count, before.size + (name === 'pop' ? distinct.size : 0))),
          }
        },
      })),
    ),
]

const truncateTo = fc.integer({ min: 0, max: 5 })

export const listSteps: fc.Arbitrary<Step>[] = [
  step<Growing & { elements: string[]; truncateTo: number }>(
    'list concatenate front',
    { ...growing('list'), elements, truncateTo },
    (items, args, { ElementList }) => {
      const added = allBytes(args.elements)
      return items.grow(bytes(args.key), ElementList, { ...args, elements: added }, (list) =>
        list.concatenateFront(added, args.truncateTo),
      )
    },
    (items, args) => {
      let values = [...args.elements, ...listOf(items, args.key)]
      while (args.truncateTo > 0 && values.length > args.truncateTo) values = values.slice(0, -1)
      items.change(args.key, { kind: 'list', values }, ttlOf(items, args), args.refreshTtl)
      return values.length
    },
  ),
  step<Growing & { elements: string[]; truncateTo: number }>(
    'list concatenate back',
    { ...growing('list'), elements, truncateTo },
    (items, args, { ElementList }) => {
      const added = allBytes(args.elements)
      return items.grow(bytes(args.key), ElementList, { ...args, elements: added }, (list) =>
        list.concatenateBack(added, args.truncateTo),
      )
    },
    (items, args) => {
      let values = [...listOf(items, args.key), ...args.elements]
      while (args.truncateTo > 0 && values.length > args.truncateTo) values = values.slice(1)
      items.change(args.key, { kind: 'list', values }, ttlOf(items, args), args.refreshTtl)
      return values.length
    },
  ),
  step<OnKey & { end: 'front' | 'back' }>(
    'list pop',
    { key: keyOf('list'), end: fc.constantFrom('front', 'back') },
    (items, args, { ElementList }) =>
      text(
        items.shrink(bytes(args.key), ElementList, (list) =>
          args.end === 'front' ? list.popFront() : list.popBack(),
        ),
      ),
    (items, args) => {
      const values = listOf(items, args.key)
      const popped = args.end === 'front' ? values[0] : values.at(-1)
      const left = args.end === 'front' ? values.slice(1) : values.slice(0, -1)
      items.change(args.key, { kind: 'list', values: left })
      return popped
    },
  ),
  step<OnKey & { ranges: [number, number][] }>(
    'list erase',
    {
      key: keyOf('list'),
      ranges: fc.array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 3 })), {
        maxLength: 2,
      }),
    },
    (items, args, { ElementList }) =>
      items.shrink(bytes(args.key), ElementList, (list) =>
        list.erase(args.ranges.map(([beginIndex, count]) => ({ beginIndex, count }))),
      ),
    (items, args) => {
      const values: (string | undefined)[] = listOf(items, args.key)
      for (const [begin, count] of args.ranges) values.fill(undefined, begin, begin + count)
      items.change(args.key, { kind: 'list', values: values.filter((one) => one !== undefined) })
    },
  ),
  step<OnKey & { value: string }>(
    'list remove',
    { key: keyOf('list'), value: element },
    (items, args, { ElementList }) =>
      items.shrink(bytes(args.key), ElementList, (list) => list.remove(bytes(args.value))),
    (items, args) => {
      const values = listOf(items, args.key).filter((one) => one !== args.value)
      items.change(args.key, { kind: 'list', values })
    },
  ),
  step<OnKey & { start: number | undefined; end: number | undefined }>(
    'list retain',
    { key: keyOf('list'), start: index, end: index },
    (items, args, { ElementList }) =>
      items.shrink(bytes(args.key), ElementList, (list) => list.retain(args.start, args.end)),
    (items, args) => {
      const values = fromTo(listOf(items, args.key), args.start, args.end)
      items.change(args.key, { kind: 'list', values })
    },
  ),
  step<OnKey & { start: number | undefined; end: number | undefined }>(
    'list slice',
    { key: keyOf('list'), start: index, end: index },
    (items, args, { ElementList }) =>
      items.collection(bytes(args.key), ElementList)?.slice(args.start, args.end).map(text) ?? [],
    (items, args) => fromTo(listOf(items, args.key), args.start, args.end),
  ),
]

/** From `start`, included, to `end`, excluded; negative ones are counted from the end. */
export function fromTo<Item>(all: readonly Item[], start = 0, end = all.length): Item[] {
  const first = start < 0 ? all.length + start : start
  const last = end < 0 ? all.length + end : end
  return all.filter((_, place) => place >= first && place < last)
}
