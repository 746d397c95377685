import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { matchesAny, parseFilterPattern } from '../../../local/event-source-mapping/filter-pattern.ts'

type Leaf = string | number | boolean | null

const views = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 }))

/** Each leaf of a view with the keys that lead to it; lists have none. */
function* leavesOf(value: unknown, path: readonly string[] = []): Generator<[readonly string[], Leaf]> {
  if (Array.isArray(value)) for (const element of value) yield* leavesOf(element, path)
  else if (typeof value === 'object' && value !== null)
    for (const [key, member] of Object.entries(value)) yield* leavesOf(member, [...path, key])
  else yield [path, value as Leaf]
}

/** Not made of objects, in which a `__proto__` would get lost. */
function patternText(path: readonly string[], rule: unknown): string {
  return path.reduceRight((inner, key) => `{${JSON.stringify(key)}:${inner}}`, JSON.stringify([rule]))
}

function isLetThrough(path: readonly string[], rule: unknown, view: unknown): boolean {
  return matchesAny([parseFilterPattern(patternText(path, rule))], view)
}

it('a pattern made of a leaf of a view matches the view', () => {
  let leaves = 0
  fc.assert(
    fc.property(views, (view) => {
      for (const [path, leaf] of leavesOf(view)) {
        if (path.includes('$or')) continue
        leaves += 1
        expect(isLetThrough(path, leaf, view)).toBe(true)
        expect(isLetThrough(path, { exists: true }, view)).toBe(true)
        if (typeof leaf === 'string') expectTextOperators(path, leaf, view)
        if (typeof leaf === 'number') expectNumericOperators(path, leaf, view)
      }
    }),
  )
  expect(leaves).toBeGreaterThan(100)
})

function expectTextOperators(path: readonly string[], leaf: string, view: unknown): void {
  const half = leaf.length >> 1
  const wildcard = leaf.slice(0, half).replaceAll(/[\\*]/g, String.raw`\$&`)
  for (const rule of [
    { prefix: leaf.slice(0, half) },
    { suffix: leaf.slice(half) },
    { 'equals-ignore-case': leaf },
    { wildcard: `${wildcard}*` },
    { 'anything-but': `${leaf}.` },
  ])
    expect(isLetThrough(path, rule, view)).toBe(true)
}

function expectNumericOperators(path: readonly string[], leaf: number, view: unknown): void {
  for (const numeric of [
    ['=', leaf],
    ['>=', leaf],
    ['<=', leaf],
    ['>=', leaf, '<=', leaf],
  ])
    expect(isLetThrough(path, { numeric }, view)).toBe(true)
}

it('a wildcard matches as the regular expression does that it stands for', () => {
  const parts = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '.', '\\', '*', '\n'), maxLength: 3 }), {
    minLength: 1,
    maxLength: 4,
  })
  const texts = fc.string({ unit: fc.constantFrom('a', 'b', '.', '\\', '*', '\n'), maxLength: 8 })
  let matched = 0
  fc.assert(
    fc.property(parts, texts, (literals, text) => {
      const inner = literals.slice(1, -1)
      fc.pre(inner.every((literal) => literal !== ''))
      const wildcard = literals.map((literal) => literal.replaceAll(/[\\*]/g, String.raw`\$&`)).join('*')
      const expression = literals
        .map((literal) => literal.replaceAll(/[.\\*]/g, String.raw`\$&`))
        .join(String.raw`[\s\S]*`)
      const expected = new RegExp(`^${expression}$`).test(text)
      if (expected) matched += 1
      expect(isLetThrough(['text'], { wildcard }, { text })).toBe(expected)
    }),
    { numRuns: 2_000 },
  )
  expect(matched).toBeGreaterThan(20)
})

it('no view makes a pattern throw', () => {
  const rules = fc.constantFrom<unknown>(
    'x',
    5,
    null,
    { prefix: 'x' },
    { suffix: { 'equals-ignore-case': 'x' } },
    { wildcard: '*x*' },
    { 'anything-but': { wildcard: ['x*', '*y'] } },
    { 'anything-but': [1, 2] },
    { numeric: ['>', 0, '<', 5] },
    { exists: false },
  )
  const paths = fc.array(fc.constantFrom('a', 'b', 'data', '__proto__', 'toString'), {
    minLength: 1,
    maxLength: 3,
  })
  fc.assert(
    fc.property(paths, rules, fc.oneof(views, fc.anything()), (path, rule, value) => {
      const pattern = parseFilterPattern(patternText(path, rule))
      for (const view of [value, { a: value, data: value }, { a: [{ b: value }] }])
        expect(typeof matchesAny([pattern], view)).toBe('boolean')
    }),
  )
})

it('nor does one that is nested deeper than the stack', () => {
  const depth = 200_000
  const deepList: unknown = JSON.parse(`${'['.repeat(depth)}5${']'.repeat(depth)}`)
  expect(isLetThrough(['a'], 5, { a: deepList })).toBe(true)
  expect(isLetThrough(['a'], 6, { a: deepList })).toBe(false)
})

it('no text makes the parser throw anything but the one error', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect([undefined, 'Invalid filter pattern definition.']).toContain(refusalOf(text))
    }),
  )
})

function refusalOf(text: string): unknown {
  try {
    parseFilterPattern(text)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : error
  }
}
