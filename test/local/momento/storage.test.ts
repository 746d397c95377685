import { describe, expect, test } from 'vitest'
import { Dictionary } from '../../../local/momento/items/dictionary.ts'
import { ElementList } from '../../../local/momento/items/element-list.ts'
import { SortedSet } from '../../../local/momento/items/sorted-set.ts'
import { itemLimitBytes } from '../../../local/momento/limits.ts'
import { CacheItems, Caches } from '../../../local/momento/storage.ts'

const bytes = (text: string): Uint8Array => Buffer.from(text)
const text = (value: Uint8Array | undefined): string | undefined => value && Buffer.from(value).toString()

test('keys that are not text stay apart', () => {
  const items = new CacheItems(() => 0)
  items.write(Uint8Array.of(0xff), bytes('one'), 1000)
  items.write(Uint8Array.of(0xfe), bytes('two'), 1000)
  items.write(Uint8Array.of(0xc3, 0xbf), bytes('three'), 1000)
  expect(text(items.read(Uint8Array.of(0xff)))).toBe('one')
  expect(text(items.read(Uint8Array.of(0xc3, 0xbf)))).toBe('three')
})

test('what is stored does not change with the buffer it was written from', () => {
  const items = new CacheItems(() => 0)
  const buffer = Buffer.from('before')
  const growth = { ttlMs: 1000, refreshTtl: true, elements: [buffer] }
  items.write(bytes('k'), buffer, 1000)
  items.grow(bytes('list'), ElementList, growth, (list) => list.concatenateBack([buffer], 0))
  items.grow(bytes('dictionary'), Dictionary, growth, (dictionary) => dictionary.set(bytes('f'), buffer))
  buffer.write('after!')
  expect(text(items.read(bytes('k')))).toBe('before')
  expect(text(items.collection(bytes('list'), ElementList)?.slice()[0])).toBe('before')
  expect(text(items.collection(bytes('dictionary'), Dictionary)?.get(bytes('f')))).toBe('before')
})

const lengthOf = (items: CacheItems): number | undefined => items.collection(bytes('list'), ElementList)?.size

test('an item that expires while it is asked about is gone, and never has less than nothing left', () => {
  let nowMs = 0
  const items = new CacheItems(() => nowMs++)
  items.write(bytes('k'), bytes('v'), 5)
  const remaining = Array.from({ length: 5 }, () => items.remainingTtlMs(bytes('k')))
  expect(remaining).toEqual([4, 3, 2, 1, undefined])
})

describe('a collection at the item limit', () => {
  const element = new Uint8Array(128 * 1024)
  const growth = { ttlMs: 1000, refreshTtl: true, elements: [element] }
  const full = Math.floor(itemLimitBytes / element.byteLength) - 1

  function filled(): CacheItems {
    const items = new CacheItems(() => 0)
    const all = { ...growth, elements: Array.from({ length: full }, () => element) }
    items.grow(bytes('list'), ElementList, all, (list) => list.concatenateBack(all.elements, 0))
    return items
  }

  test('takes what fits, refuses more with nothing changed, and takes it when as much is dropped', () => {
    const items = filled()
    const push = (truncateFrontTo: number): number =>
      items.grow(bytes('list'), ElementList, growth, (list) =>
        list.concatenateBack([element], truncateFrontTo),
      )
    const key = bytes('list').byteLength
    expect(full * element.byteLength + key).toBeLessThan(itemLimitBytes)
    expect(() => push(0)).toThrow(`item size limit exceeded: ${(full + 1) * element.byteLength + key} bytes`)
    expect(lengthOf(items)).toBe(full)
    push(full)
    expect(lengthOf(items)).toBe(full)
    items.shrink(bytes('list'), ElementList, (list) => list.popBack())
    push(0)
    expect(lengthOf(items)).toBe(full)
  })

  test('as a dictionary takes a new value of a field in place of the old one', () => {
    const items = new CacheItems(() => 0)
    const set = (field: string): void =>
      items.grow(bytes('d'), Dictionary, { ...growth, elements: [bytes(field), element] }, (dictionary) =>
        dictionary.set(bytes(field), element),
      )
    for (let field = 0; field < full; field++) set(`field ${field}`)
    set('field 0')
    expect(() => set('another')).toThrow('item size limit exceeded')
    expect(items.collection(bytes('d'), Dictionary)?.size).toBe(full)
  })

  test('as a destination is refused whole', () => {
    const items = filled()
    const union = new SortedSet()
    for (let value = 0; value <= full; value++) {
      element[0] = value
      union.put(element, 0)
    }
    expect(() => items.replace(bytes('list'), union, 1000)).toThrow('item size limit exceeded')
    expect(lengthOf(items)).toBe(full)
  })
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
