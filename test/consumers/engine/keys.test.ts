import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RejectError } from '../../../consumers/engine/errors.ts'
import { decodeKey, encodeKey, type Key } from '../../../consumers/engine/keys.ts'

/** Texts of the characters that the encoding gives a meaning, and some others. */
const awkwardText = fc.string({ unit: fc.constantFrom('|', '\\', '#', 'a', 'ü', '🛫'), maxLength: 6 })
const text = fc.oneof(awkwardText, fc.string({ unit: 'grapheme' }))
const key: fc.Arbitrary<Key> = fc.oneof(text, fc.array(text, { minLength: 1, maxLength: 4 }))
const longText = fc.string({ unit: fc.constantFrom('a', 'b', '|'), minLength: 513, maxLength: 700 })

function normalised(of: Key): Key {
  return Array.isArray(of) && of.length === 1 ? String(of[0]) : of
}

describe('the text of a key', () => {
  test('any key comes back as it was, a list of one text as the text', () => {
    fc.assert(
      fc.property(key, (any) => {
        expect(decodeKey(encodeKey(any))).toEqual(normalised(any))
      }),
    )
  })

  test('different keys never share a text', () => {
    fc.assert(
      fc.property(key, key, (a, b) => {
        const same = JSON.stringify(normalised(a)) === JSON.stringify(normalised(b))
        expect(encodeKey(a) === encodeKey(b)).toBe(same)
      }),
      { numRuns: 2_000 },
    )
  })

  test.each([
    ['JFK', 'JFK'],
    ['', ''],
    [['JFK', 'LAX'], 'JFK|LAX'],
    [['', ''], '|'],
    ['a|b', String.raw`a\|b`],
    [['a', 'b|c'], String.raw`a|b\|c`],
    [String.raw`\#a`, String.raw`\\#a`],
    ['#', '#'],
  ])('%j is written as %j', (any, encoded) => {
    expect(encodeKey(any)).toBe(encoded)
    expect(decodeKey(encoded)).toEqual(any)
  })
})

describe('long keys', () => {
  test('a text of 512 characters stays, one more is hashed and stays so', () => {
    expect(encodeKey('a'.repeat(512))).toBe('a'.repeat(512))
    const hashed = encodeKey('a'.repeat(513))
    expect(hashed).toMatch(/^\\#[\w-]{43}$/)
    expect(decodeKey(hashed)).toBe(hashed)
  })

  test('different long keys have different hashes, and no short key is written as one', () => {
    fc.assert(
      fc.property(longText, longText, key, (a, b, short) => {
        expect(encodeKey(a) === encodeKey(b)).toBe(a === b)
        expect(encodeKey(short).startsWith('\\#')).toBe(false)
        expect(encodeKey(decodeKey(encodeKey(a)))).not.toBe(encodeKey(a))
      }),
    )
  })
})

describe('what is no key', () => {
  test.each([
    ['a number', 1],
    ['nothing', undefined],
    ['null', null],
    ['no parts', []],
    ['a part that is a number', ['a', 1]],
    ['a part that is a list', [['a']]],
    ['a lone surrogate', '\uD83D'],
    ['a lone surrogate in a part', ['a', '\uDE80x']],
  ])('%s is rejected', (_, any) => {
    const failure = failureOf(() => encodeKey(any as Key))
    expect(failure).toBeInstanceOf(RejectError)
    expect(failure).toMatchObject({ reason: 'invalid-key' })
  })

  test('a whole surrogate pair is a character like any other', () => {
    expect(encodeKey('🛫')).toBe('🛫')
  })
})

function failureOf(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    return error
  }
}
