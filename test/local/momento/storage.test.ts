import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CacheItems, Caches, hashOfValue } from '../../../local/momento/storage.ts'
import type { WriteCondition } from '../../../local/momento/storage.ts'

const bytes = (text: string): Uint8Array => Buffer.from(text)
const text = (value: Uint8Array | undefined): string | undefined => value && Buffer.from(value).toString()

const presentWithHash =
  (hash: Uint8Array): WriteCondition =>
  (current) =>
    current !== undefined && Buffer.compare(hashOfValue(current), hash) === 0

const KEYS = ['', 'a', 'b', 'aa']
const key = fc.constantFrom(...KEYS)
const value = fc.constantFrom('', 'x', 'y', 'xx')
const ttlMs = fc.constantFrom(1, 2.5, 1000)
const ofKind = <Kind extends string>(kind: Kind): fc.Arbitrary<Kind> => fc.constant(kind)
const operation = fc.oneof(
  fc.record({ kind: ofKind('delete'), key }),
  fc.record({ kind: ofKind('set'), key, value, ttlMs }),
  fc.record({ kind: ofKind('setIfHash'), key, value, ttlMs, expected: value }),
  fc.record({ kind: ofKind('pass'), ms: fc.constantFrom(0, 0.5, 1, 1.5, 999) }),
)

test('any history of reads, writes, conditional writes, deletes and time equals that of a plain map', () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
      let nowMs = 0
      const items = new CacheItems(() => nowMs)
      const model = new Map<string, { value: string; expiresAtMs: number }>()
      const put = (step: { key: string; value: string; ttlMs: number }): unknown =>
        model.set(step.key, { value: step.value, expiresAtMs: nowMs + step.ttlMs })
      const observed: unknown[] = []
      const expected: unknown[] = []

      for (const step of operations) {
        if (step.kind === 'pass') {
          nowMs += step.ms
          for (const [name, { expiresAtMs }] of model) if (nowMs >= expiresAtMs) model.delete(name)
        } else if (step.kind === 'setIfHash') {
          const matches = presentWithHash(hashOfValue(bytes(step.expected)))
          expected.push(model.get(step.key)?.value === step.expected)
          observed.push(items.writeIf(bytes(step.key), bytes(step.value), step.ttlMs, matches))
          if (expected.at(-1) === true) put(step)
        } else if (step.kind === 'set') {
          items.write(bytes(step.key), bytes(step.value), step.ttlMs)
          put(step)
        } else {
          items.delete(bytes(step.key))
          model.delete(step.key)
        }
        for (const name of step.kind === 'pass' ? [] : KEYS) {
          const item = model.get(name)
          const live = items.read(bytes(name))
          expected.push([item?.value, item && item.expiresAtMs - nowMs])
          observed.push([text(live?.value), live?.remainingTtlMs])
        }
      }
      expect(observed).toEqual(expected)
    }),
  )
})

test('keys that are not text stay apart', () => {
  const items = new CacheItems(() => 0)
  items.write(Uint8Array.of(0xff), bytes('one'), 1000)
  items.write(Uint8Array.of(0xfe), bytes('two'), 1000)
  items.write(Uint8Array.of(0xc3, 0xbf), bytes('three'), 1000)
  expect(text(items.read(Uint8Array.of(0xff))?.value)).toBe('one')
  expect(text(items.read(Uint8Array.of(0xc3, 0xbf))?.value)).toBe('three')
})

test('a stored value does not change with the buffer it was written from', () => {
  const items = new CacheItems(() => 0)
  const buffer = Buffer.from('before')
  items.write(bytes('k'), buffer, 1000)
  buffer.write('after!')
  expect(text(items.read(bytes('k'))?.value)).toBe('before')
})

describe('memory', () => {
  test('items that expired unread are let go by later writes, live ones are kept', () => {
    let nowMs = 0
    const items = new CacheItems(() => nowMs)
    for (let index = 0; index < 1000; index++) items.write(bytes(`short ${index}`), bytes('v'), 10)
    for (let index = 0; index < 1000; index++) items.write(bytes(`long ${index}`), bytes('v'), 10_000)
    nowMs = 10
    expect(items.heldItems).toBe(2000)
    for (let index = 0; index < 1000; index++) items.write(bytes('one key'), bytes('v'), 10_000)
    expect(items.heldItems).toBe(1001)
  })

  test('a stream of short-lived keys holds little more than the live ones', () => {
    let nowMs = 0
    const items = new CacheItems(() => nowMs)
    let mostHeld = 0
    for (let index = 0; index < 10_000; index++, nowMs++) {
      items.write(bytes(`k ${index}`), bytes('v'), 100)
      mostHeld = Math.max(mostHeld, items.heldItems)
    }
    expect(mostHeld).toBeGreaterThanOrEqual(100)
    expect(mostHeld).toBeLessThan(200)
  })
})

test('caches share no items, and a deleted one comes back empty', () => {
  const caches = new Caches(() => 0)
  expect([caches.create('a'), caches.create('b'), caches.create('a')]).toEqual([true, true, false])
  caches.find('a')?.write(bytes('k'), bytes('v'), 1000)
  expect(caches.find('a')?.read(bytes('k'))).toBeDefined()
  expect(caches.find('b')?.read(bytes('k'))).toBeUndefined()
  expect([caches.delete('a'), caches.delete('a')]).toEqual([true, false])
  expect(caches.names()).toEqual(['b'])
  caches.create('a')
  expect(caches.find('a')?.read(bytes('k'))).toBeUndefined()
})
