import { isDeepStrictEqual } from 'node:util'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RejectError } from '../../../consumers/engine/errors.ts'
import { scaling } from '../../../consumers/engine/measures/decimals.ts'
import { keyText, plainItem } from '../../../consumers/sources/attribute-values.ts'

function plain(typed: unknown): unknown {
  return plainItem({ value: typed })['value']
}

function reasonOf(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error instanceof RejectError ? error.reason : error
  }
  return 'none'
}

/** An item's value in so many lists. */
function nested(levels: number): unknown {
  let typed: unknown = { S: 'deep' }
  for (let level = 0; level < levels; level++) typed = { L: [typed] }
  return typed
}

describe('a value', () => {
  test.each([
    [{ S: 'a|b' }, 'a|b'],
    [{ S: '' }, ''],
    [{ B: 'AP8=' }, 'AP8='],
    [{ BOOL: false }, false],
    [{ NULL: true }, null],
    [{ SS: ['a', 'b'] }, ['a', 'b']],
    [{ BS: ['AA=='] }, ['AA==']],
    [{ NS: ['1', '0.5', '12345678901234567890'] }, [1, 0.5, '12345678901234567890']],
    [{ L: [{ N: '1' }, { L: [] }, { M: { a: { NULL: true } } }] }, [1, [], { a: null }]],
    [{ M: { a: { M: {} }, S: { S: 'b' } } }, { a: {}, S: 'b' }],
  ])('%j is plain', (typed, value) => {
    expect(plain(typed)).toEqual(value)
  })

  test.each([
    ['0', 0],
    ['-0', -0],
    ['41.9136', 41.9136],
    ['-383.031', -383.031],
    ['1E+2', 100],
    ['1E-120', 1e-120],
    [`0.${'0'.repeat(119)}1`, 1e-120],
    ['123456789012.345', 123_456_789_012.345],
    ['9007199254740991', 9_007_199_254_740_991],
    ['-9007199254740991', -9_007_199_254_740_991],
    ['9007199254740992', '9007199254740992'],
    ['9007199254740993', '9007199254740993'],
    ['1000000000000000000', '1000000000000000000'],
    ['0.1234567890123456', '0.1234567890123456'],
    ['123456789012345678901234567890.12345678', '123456789012345678901234567890.12345678'],
    ['1E-999', '1E-999'],
  ])('the number %s loses no digit', (digits, value) => {
    expect(plain({ N: digits })).toBe(value)
  })

  test('any number of up to 38 digits is the number that sums take it for', () => {
    const decimals = fc.integer({ min: 0, max: 18 })
    const units = fc.bigInt({ min: -(10n ** 38n - 1n), max: 10n ** 38n - 1n })
    fc.assert(
      fc.property(units, decimals, (value, places) => {
        const digits = String(value < 0n ? -value : value).padStart(places + 1, '0')
        const point = digits.length - places
        const fraction = places === 0 ? '' : `.${digits.slice(point)}`
        const number = plain({ N: `${value < 0n ? '-' : ''}${digits.slice(0, point)}${fraction}` })
        expect(BigInt(scaling(places)(String(number)))).toBe(value)
      }),
    )
  })

  test('whose members have odd names has them as its own', () => {
    const item = plainItem(
      JSON.parse('{"__proto__": {"S": "p"}, "constructor": {"M": {"__proto__": {"N": "1"}}}}'),
    )
    expect(Object.entries(item)).toEqual([
      ['__proto__', 'p'],
      ['constructor', JSON.parse('{"__proto__": 1}')],
    ])
    expect(Object.getPrototypeOf(item)).toBe(Object.prototype)
    expect(JSON.stringify(item)).toBe('{"__proto__":"p","constructor":{"__proto__":1}}')
  })

  test('may nest as deep as DynamoDB allows, and not without end', () => {
    expect(JSON.stringify(plain(nested(32)))).toBe(`${'['.repeat(32)}"deep"${']'.repeat(32)}`)
    expect(reasonOf(() => plain(nested(20_000)))).toBe('too-deep')
  })

  test.each([
    [undefined],
    [7],
    [[{ S: 'a' }]],
    [{}],
    [{ S: 'a', N: '1' }],
    [{ S: 1 }],
    [{ N: 1 }],
    [{ N: 'Infinity' }],
    [{ N: '1_000' }],
    [{ N: '' }],
    [{ BOOL: 'true' }],
    [{ SS: 'a' }],
    [{ NS: ['a'] }],
    [{ L: { 0: { S: 'a' } } }],
    [{ M: [] }],
    [{ X: 'a' }],
    [{ toString: 'a' }],
  ])('%j is none of an item', (typed) => {
    expect(reasonOf(() => plain(typed))).toBe('unknown-source')
  })
})

/** A key whose attributes are given as type and value. */
function typedKey(key: Readonly<Record<string, readonly [type: string, value: string]>>): unknown {
  return Object.fromEntries(Object.entries(key).map(([name, [type, value]]) => [name, { [type]: value }]))
}

describe('a key', () => {
  test('is the same text in whatever order its attributes come', () => {
    const key = keyText({ b: { N: '1' }, a: { S: 'x' } })
    expect(keyText({ a: { S: 'x' }, b: { N: '1' } })).toBe(key)
    expect(key).toBe('[["a","S","x"],["b","N","1"]]')
  })

  test('is another text for every other key', () => {
    const name = fc.constantFrom('a', 'b', 'ab', '"', ',')
    const value = fc.tuple(fc.constantFrom('S', 'N', 'B'), fc.string({ unit: 'binary', maxLength: 3 }))
    const keys = fc.dictionary(name, value, { minKeys: 1, maxKeys: 2, noNullPrototype: true })
    fc.assert(
      fc.property(keys, keys, (one, other) => {
        expect(keyText(typedKey(one)) === keyText(typedKey(other))).toBe(isDeepStrictEqual(one, other))
      }),
    )
  })

  test.each([[{}], [undefined], [{ a: { BOOL: true } }], [{ a: { S: 1 } }], [{ a: {} }]])(
    '%j is none',
    (key) => {
      expect(reasonOf(() => keyText(key))).toBe('unknown-source')
    },
  )
})
