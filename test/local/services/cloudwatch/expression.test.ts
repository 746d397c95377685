import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Expression, parseExpression } from '../../../../local/services/cloudwatch/expression.ts'

/** With all parentheses. */
function written(expression: Expression): string {
  switch (expression.kind) {
    case 'number':
      return String(expression.value)
    case 'text':
      return `"${expression.value}"`
    case 'name':
      return expression.name
    case 'list':
      return `[${expression.items.map(written).join(', ')}]`
    case 'call':
      return `${expression.name}(${expression.args.map(written).join(', ')})`
    default:
      return `(${expression.args.map(written).join(` ${expression.operator} `)})`
  }
}

describe('an expression', () => {
  it.each([
    ['m1', 'm1'],
    ['1.5e3', '1500'],
    ['.5', '0.5'],
    ['a+b*c', '(a + (b * c))'],
    ['a-b-c', '((a - b) - c)'],
    ['a/b/c', '((a / b) / c)'],
    ['(a+b)*c', '((a + b) * c)'],
    ['-a + 2', '((0 - a) + 2)'],
    ['2 * -a', '(2 * (0 - a))'],
    ['a ^ 2 * 3', '((a ^ 2) * 3)'],
    ['a > 1 AND b <= 2 OR c != 3', '(((a > 1) && (b <= 2)) || (c != 3))'],
    ['a==1 && b>=2 || c<3', '(((a == 1) && (b >= 2)) || (c < 3))'],
    ['SUM(METRICS())', 'SUM(METRICS())'],
    ["SUM(METRICS('err'))", 'SUM(METRICS("err"))'],
    ['MAX([a, b ,c])', 'MAX([a, b, c])'],
    [
      'IF(FILL(a, 0) > 0 AND FILL(b, REPEAT) == 0, 1, 0)',
      'IF(((FILL(a, 0) > 0) && (FILL(b, REPEAT) == 0)), 1, 0)',
    ],
    [' 100 *\n errors / MAX([errors, calls]) ', '((100 * errors) / MAX([errors, calls]))'],
  ])('%j is read as %s', (text, expected) => {
    expect(written(parseExpression(text))).toBe(expected)
  })

  it.each([
    ['', 'a value is missing before the end'],
    ['a +', 'a value is missing before the end'],
    ['(a', "')' is missing before the end"],
    ['MAX(a, b', "')' is missing before the end"],
    ['[a b]', "']' is missing before 'b'"],
    ['a b', "nothing is expected at 'b'"],
    ['a, b', "nothing is expected at ','"],
    ['a = b', "'= b' is not understood"],
    ['"a', `'"a' is not understood`],
    ['f(,)', "a value is missing before ','"],
  ])('%j is none: %s', (text, message) => {
    expect(() => parseExpression(text)).toThrow(message)
  })

  it('of any text is read, or refused in one line', () => {
    const pieces = fc.constantFrom(
      'a',
      '1',
      '+',
      '-',
      '(',
      ')',
      '[',
      ']',
      ',',
      'AND',
      'MAX',
      '"',
      "'",
      ' ',
      '<',
      '%',
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        expect(outcomeOf(parts.join(''))).toMatch(/^.+$/)
      }),
    )
  })
})

/** The expression, or why it is none. */
function outcomeOf(text: string): string {
  try {
    return written(parseExpression(text))
  } catch (error) {
    return error instanceof Error ? error.message : ''
  }
}
