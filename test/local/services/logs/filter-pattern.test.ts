import { expect, test } from 'vitest'
import { filterOf } from '../../../../local/services/logs/filter-pattern.ts'

test.each([
  ['', 'anything', true],
  ['ERROR', 'an ERROR here', true],
  ['ERROR', 'an error here', false],
  ['ERROR store', 'store: ERROR', true],
  ['ERROR store', 'ERROR', false],
  [' ERROR  -store ', 'ERROR', true],
  ['ERROR -store', 'ERROR store', false],
  ['"timed out"', 'Task timed out after', true],
  ['"timed out"', 'timed is out', false],
  ['-"timed out"', 'Task timed out after', false],
  [String.raw`"say \"hi\""`, 'I say "hi"', true],
])('the pattern %j on %j is %s', (pattern, message, expected) => {
  expect(filterOf(pattern)(message)).toBe(expected)
})

test.each(['?ERROR', '{ $.level = "x" }', '[a, b]', '%x%', 'a.b', '"open', '-', 'ERROR "a"b', '""'])(
  'the pattern %j is refused',
  (pattern) => {
    expect(() => filterOf(pattern)).toThrow(expect.objectContaining({ code: 'InvalidParameterException' }))
  },
)
