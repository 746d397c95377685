import { describe, expect, it } from 'vitest'
import { evaluateExpression } from '../../../../local/services/cloudwatch/evaluate-expression.ts'
import { parseExpression } from '../../../../local/services/cloudwatch/expression.ts'
import { isList, type TimeSeries, type Value } from '../../../../local/services/cloudwatch/time-series.ts'

const periodMs = 60_000
const minutes = 5

/** A point a minute; undefined: none. */
function series(...values: readonly (number | undefined)[]): TimeSeries {
  const points = values.flatMap((value, minute) =>
    value === undefined ? [] : [[minute * periodMs, value] as const],
  )
  return { periodMs, points: new Map(points) }
}

const queries: Readonly<Record<string, Value>> = {
  a: series(1, 2, undefined, 4),
  b: series(10, undefined, 30, 0),
  none: series(),
  list: [series(1, 2), series(3, undefined, 5)],
}

function evaluate(text: string): unknown {
  const value = evaluateExpression(parseExpression(text), {
    range: { startMs: 0, endMs: minutes * periodMs },
    query: (id) => {
      const found = queries[id]
      if (found === undefined) throw new Error(`there is no query ${id}`)
      return found
    },
    metrics: (part) =>
      Object.entries(queries).flatMap(([id, each]) =>
        id.includes(part) && typeof each !== 'number' && !isList(each) ? [each] : [],
      ),
  })
  return plain(value)
}

function plain(value: Value): unknown {
  if (typeof value === 'number') return value
  if (isList(value)) return value.map(plain)
  return Object.fromEntries(Array.from(value.points, ([timeMs, number]) => [timeMs / periodMs, number]))
}

describe('metric math', () => {
  it.each([
    ['1 + 2 * 3', 7],
    ['-2 ^ 2', 4],
    ['a + b', { 0: 11, 3: 4 }],
    ['b - a', { 0: 9, 3: -4 }],
    ['2 * a', { 0: 2, 1: 4, 3: 8 }],
    ['100 * a / b', { 0: 10 }],
    ['a / 0', {}],
    ['a > 1', { 0: 0, 1: 1, 3: 1 }],
    ['a >= 2 AND b == 0', { 0: 0, 3: 1 }],
    ['a == 1 OR b == 0', { 0: 1, 3: 1 }],
    ['a < b', { 0: 1, 3: 0 }],
    ['a <= 2', { 0: 1, 1: 1, 3: 0 }],
    ['a != 2', { 0: 1, 1: 0, 3: 1 }],
    [
      'list * 2',
      [
        { 0: 2, 1: 4 },
        { 0: 6, 2: 10 },
      ],
    ],
    ['list + a', [{ 0: 2, 1: 4 }, { 0: 4 }]],
  ])('arithmetic: %s', (text, expected) => {
    expect(evaluate(text)).toEqual(expected)
  })

  it.each([
    ['SUM(a)', 7],
    ['AVG(a)', 7 / 3],
    ['MIN(a)', 1],
    ['MAX(a)', 4],
    ['SUM(none)', 0],
    ['SUM([a, b])', { 0: 11, 1: 2, 2: 30, 3: 4 }],
    ['AVG([a, b])', { 0: 5.5, 1: 2, 2: 30, 3: 2 }],
    ['MIN([a, b])', { 0: 1, 1: 2, 2: 30, 3: 0 }],
    ['MAX([a, b])', { 0: 10, 1: 2, 2: 30, 3: 4 }],
    ['SUM(list)', { 0: 4, 1: 2, 2: 5 }],
    ['SUM(METRICS())', { 0: 11, 1: 2, 2: 30, 3: 4 }],
    ['SUM(METRICS("b"))', { 0: 10, 2: 30, 3: 0 }],
    ['SUM(METRICS("absent"))', {}],
    ['FILL(SUM(METRICS("absent")), 0)', {}],
    ['a / MAX(a)', { 0: 0.25, 1: 0.5, 3: 1 }],
    ['ABS(0 - a)', { 0: 1, 1: 2, 3: 4 }],
    ['CEIL(a / 3)', { 0: 1, 1: 1, 3: 2 }],
    ['FLOOR(7 / 2)', 3],
  ])('of many one: %s', (text, expected) => {
    expect(evaluate(text)).toEqual(expected)
  })

  it.each([
    ['FILL(a, 0)', { 0: 1, 1: 2, 2: 0, 3: 4, 4: 0 }],
    ['FILL(none, 0)', { 0: 0, 1: 0, 2: 0, 3: 0, 4: 0 }],
    ['FILL(a, REPEAT)', { 0: 1, 1: 2, 2: 2, 3: 4, 4: 4 }],
    ['FILL(a, LINEAR)', { 0: 1, 1: 2, 2: 3, 3: 4 }],
    ['FILL(a, b)', { 0: 1, 1: 2, 2: 30, 3: 4 }],
    [
      'FILL(list, 9)',
      [
        { 0: 1, 1: 2, 2: 9, 3: 9, 4: 9 },
        { 0: 3, 1: 9, 2: 5, 3: 9, 4: 9 },
      ],
    ],
  ])('missing points: %s', (text, expected) => {
    expect(evaluate(text)).toEqual(expected)
  })

  it.each([
    ['IF(a > 1, b)', { 3: 0 }],
    ['IF(a > 1, 1, 0)', { 0: 0, 1: 1, 3: 1 }],
    ['IF(a > 1, a, b)', { 0: 10, 1: 2, 3: 4 }],
    ['IF(1 > 2, a, b)', { 0: 10, 2: 30, 3: 0 }],
    ['IF(FILL(b, 0) > 0 AND FILL(none, 0) == 0, 1, 0)', { 0: 1, 1: 0, 2: 1, 3: 0, 4: 0 }],
  ])('choice: %s', (text, expected) => {
    expect(evaluate(text)).toEqual(expected)
  })

  it.each([
    ['PERIOD(a)', 60],
    ['a / PERIOD(a)', { 0: 1 / 60, 1: 2 / 60, 3: 4 / 60 }],
    ['DIFF(a)', { 1: 1, 3: 2 }],
    ['RATE(a)', { 1: 1 / 60, 3: 2 / 120 }],
    ['RATE(list)', [{ 1: 1 / 60 }, { 2: 2 / 120 }]],
    ['RATE(none)', {}],
  ])('neighbours: %s', (text, expected) => {
    expect(evaluate(text)).toEqual(expected)
  })

  it.each([
    ['c', 'there is no query c'],
    ['SEARCH("x", "Sum", 60)', 'the function SEARCH is not supported here'],
    ['STDDEV(a)', 'the function STDDEV is not supported here'],
    ['constructor(a)', 'the function constructor is not supported here'],
    ['MAX(a, b)', /^MAX takes 1 argument$/],
    ['IF(a)', 'IF takes 2 to 3 arguments'],
    ['FILL(a)', 'FILL takes 2 arguments'],
    ['RATE(3)', 'a metric is expected, not a number'],
    ['METRICS(a)', 'METRICS takes a text'],
    ['"text"', "the text 'text' has no value"],
    ['[1, 2]', 'lists of numbers are not supported here'],
    ['list + [a]', 'lists differ in length'],
    ['IF(list, 1, 0)', 'IF takes no list as its condition'],
    ['IF(0, a)', 'IF of a number lacks a value for when it is not met'],
  ])('refuses %s: %s', (text, message) => {
    expect(() => evaluate(text)).toThrow(message)
  })
})
