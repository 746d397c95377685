import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { first, last } from '../../../../consumers/engine/measures/first-last.ts'
import type { Occurrence } from '../../../../consumers/engine/measures/measure.ts'
import { encodedStateBytes } from './encoded-state.ts'
import { someOccurrence, testLaws } from './laws.ts'
import { notFinite, testRefusals } from './refusals.ts'

/** Values by (time, id, JSON), so that no two orders are possible. */
function inOrder<Value>(values: readonly Value[], occurrences: readonly Occurrence[]): readonly Value[] {
  const rank = (index: number): readonly number[] => {
    const occurrence = occurrences[index]
    return occurrence === undefined ? [] : [occurrence.timeMs, ...occurrence.id]
  }
  return values
    .map((value, index) => ({ value, rank: rank(index), text: JSON.stringify(value) }))
    .sort((a, b) => {
      const differing = a.rank.findIndex((part, index) => part !== b.rank[index])
      if (differing >= 0) return (a.rank[differing] ?? 0) - (b.rank[differing] ?? 0)
      return a.text < b.text ? -1 : 1
    })
    .map(({ value }) => value)
}

function at(timeMs: number, ...id: Occurrence['id']): Occurrence {
  return { timeMs, id }
}

const texts = fc.oneof(fc.constantFrom('a', 'b', 'ü'), fc.string({ unit: 'grapheme', maxLength: 20 }))
const numbers = fc.oneof(fc.integer(), fc.constantFrom(0.5, -1e300))
const mixed = fc.oneof(fc.constantFrom<string | number>('1', 1, '10', 9), texts, numbers)

describe('first', () => {
  const measure = first((value: string | number) => value)
  testLaws(measure, mixed, (values, occurrences) => inOrder(values, occurrences)[0])
})

describe('last', () => {
  const measure = last((value: string | number) => value)
  testLaws(measure, mixed, (values, occurrences) => inOrder(values, occurrences).at(-1))
})

describe.each([
  ['first', first],
  ['last', last],
])('%s', (_name, factory) => {
  const measure = factory((value: string | number) => value)
  testRefusals(
    measure,
    [
      ...notFinite.filter((value) => typeof value !== 'string'),
      1n,
      '\uD800',
      'x'.repeat(257),
      'ü'.repeat(129),
    ],
    ['', 'x'.repeat(256), 'ü'.repeat(128), '🛫', 0, -0.5],
  )

  test('of no events it is undefined, while an empty text is a value', () => {
    expect(measure.result(measure.empty)).toBeUndefined()
    expect(measure.result(measure.lift('', someOccurrence))).toBe('')
  })

  test('the longest text fits into its bytes', () => {
    const words = 2 ** 32 - 1
    const state = measure.lift('x'.repeat(256), { timeMs: 1_700_000_000_000.5, id: [words, words, words] })
    expect(encodedStateBytes(state)).toBeLessThanOrEqual(measure.maximumStateBytes)
  })

  test('negative zeros are zeros, so that equal states are equal bytes', () => {
    expect(measure.lift(-0, { timeMs: -0, id: [0, 0, 0] })).toEqual([0, 0, 0, 0, 0])
  })
})

test('event time decides, and only at one time the id, all of its words', () => {
  const earliest = first((value: string) => value)
  const latest = last((value: string) => value)
  const pairs: readonly (readonly [Occurrence, Occurrence])[] = [
    [at(1, 9, 9, 9), at(2, 0, 0, 0)],
    [at(1, 0, 9, 9), at(1, 1, 0, 0)],
    [at(1, 1, 0, 9), at(1, 1, 1, 0)],
    [at(1, 1, 1, 0), at(1, 1, 1, 2 ** 32 - 1)],
  ]
  for (const [low, high] of pairs) {
    for (const measure of [earliest, latest]) {
      const merged = measure.merge(measure.lift('high', high), measure.lift('low', low))
      expect(measure.result(merged)).toBe(measure === earliest ? 'low' : 'high')
    }
  }
})
