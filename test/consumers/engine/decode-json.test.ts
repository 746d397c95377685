import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeJson } from '../../../consumers/engine/decode-json.ts'
import { RejectError } from '../../../consumers/engine/errors.ts'

const maximumBytes = 1_000_000
const maximumDepth = 100
const canary = 'canary-5f0c'

function decode(text: string): unknown {
  return decodeJson(Buffer.from(text), maximumBytes)
}

function failureOf(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    return error
  }
}

function nested(levels: number, open = '[', close = ']'): string {
  return `${open.repeat(levels)}${close.repeat(levels)}`
}

/** How deep a decoded value is, by recursion. */
function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Object.values(value).reduce<number>((most, member) => Math.max(most, depthOf(member)), 0)
}

describe('depth', () => {
  test.each([
    ['arrays', nested(maximumDepth), nested(maximumDepth + 1)],
    [
      'objects',
      `${'{"a":'.repeat(maximumDepth)}1${'}'.repeat(maximumDepth)}`,
      `${'{"a":'.repeat(maximumDepth + 1)}1${'}'.repeat(maximumDepth + 1)}`,
    ],
  ])('%s of 100 levels are read, of one more rejected', (_, within, beyond) => {
    expect(depthOf(decode(within))).toBe(maximumDepth)
    expect(failureOf(() => decode(beyond))).toMatchObject({ name: 'RejectError', reason: 'too-deep' })
  })

  test.each([10_000, 400_000])('%d levels end nobody’s stack', (levels) => {
    expect(failureOf(() => decode(nested(levels)))).toMatchObject({ reason: 'too-deep' })
    expect(failureOf(() => decode('{"a":['.repeat(levels / 4)))).toMatchObject({ reason: 'too-deep' })
  })

  test('brackets beside each other or in texts are no depth', () => {
    const beside = Array.from({ length: 1_000 }, () => [{}])
    const text = '[{'.repeat(1_000)
    for (const value of [beside, text, { [text]: text }, [`"${text}`, String.raw`\"${text}`, `${text}\\`]])
      expect(decode(JSON.stringify(value))).toEqual(value)
  })

  test('of any JSON is told as by walking it', () => {
    const json = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 6, withCrossShrink: true },
        fc.string(),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(fc.string(), tie('value'), { maxKeys: 3 }),
      ),
    })).value
    fc.assert(
      fc.property(json, fc.integer({ min: maximumDepth - 4, max: maximumDepth }), (value, levels) => {
        const wrapped = `${'['.repeat(levels)}${JSON.stringify(value)}${']'.repeat(levels)}`
        const failure = failureOf(() => decode(wrapped))
        expect(failure instanceof RejectError).toBe(levels + depthOf(value) > maximumDepth)
      }),
      { numRuns: 500 },
    )
  })
})

describe('refusals', () => {
  test.each([
    ['too-large', Buffer.from(`"${canary.padEnd(1_000_000, 'x')}"`)],
    ['not-utf8', Buffer.from(`"${canary}\u00ff"`, 'latin1')],
    ['not-json', Buffer.from(`{"${canary}":NaN}`)],
    ['not-json', Buffer.from(canary)],
    ['too-deep', Buffer.from(`["${canary}",${nested(maximumDepth)}]`)],
  ])('%s quotes nothing of the payload', (reason, payload) => {
    const failure = failureOf(() => decodeJson(payload, maximumBytes))
    expect(failure).toMatchObject({ reason })
    expect(String(failure)).not.toContain('canary')
    expect(JSON.stringify(failure)).not.toContain('canary')
  })
})

test('__proto__ and constructor are members like others, and nobody’s prototype', () => {
  const decoded = decode('{"__proto__":{"miles":1},"constructor":{"prototype":{"miles":1}}}')
  expect(Object.keys(decoded as object)).toEqual(['__proto__', 'constructor'])
  expect(Object.getPrototypeOf(decoded)).toBe(Object.prototype)
  expect('miles' in (decoded as object)).toBe(false)
})
