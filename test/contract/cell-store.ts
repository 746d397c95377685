import { randomBytes, randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import type { CellStore } from '../../consumers/engine/ports.ts'

const ttlSeconds = 60
const rivals = 8
/** The largest cell there is: its bytes and address have to fit into one item. */
const largestCellBytes = 1_000_000

/** A store under test, and the time by which its items expire. */
export interface StoreUnderTest {
  readonly store: CellStore
  advance(durationMs: number): void
}

/** What the engine relies on in every cell store. `open` is called once, before the tests. */
export function cellStoreContract(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`cell store contract: ${name}`, () => {
    let store: CellStore
    let advance: (durationMs: number) => void
    beforeAll(async () => {
      const opened = await open()
      store = opened.store
      advance = (durationMs) => opened.advance(durationMs)
    })
    const created = async (at: string, text: string): Promise<Uint8Array> => {
      const hash = await store.createIfAbsent(at, bytesOf(text), ttlSeconds)
      if (hash === undefined) throw new Error('nothing was stored')
      return hash
    }
    const textAt = async (at: string): Promise<string | undefined> => {
      const stored = await store.read(at, 'consistent')
      return stored && Buffer.from(stored.bytes).toString()
    }

    test('what was never written is a miss, in either consistency', async () => {
      const at = address()
      expect(await store.read(at, 'balanced')).toBeUndefined()
      expect(await store.read(at, 'consistent')).toBeUndefined()
    })

    test('what was created is read with the hash that the creation answered', async () => {
      const at = address()
      const hash = await created(at, 'first')
      const stored = await store.read(at, 'consistent')
      expect(await textAt(at)).toBe('first')
      expect(Buffer.compare(stored?.hash ?? new Uint8Array(), hash)).toBe(0)
    })

    test('creating where an item is stores nothing and leaves it', async () => {
      const at = address()
      const hash = await created(at, 'first')
      expect(await store.createIfAbsent(at, bytesOf('second'), ttlSeconds)).toBeUndefined()
      expect(await textAt(at)).toBe('first')
      expect(await store.replaceIfEqual(at, bytesOf('third'), hash, ttlSeconds)).toBeDefined()
    })

    test('replacing by the right hash stores, and its new hash replaces in turn', async () => {
      const at = address()
      const first = await created(at, 'first')
      const second = await store.replaceIfEqual(at, bytesOf('second'), first, ttlSeconds)
      expect(second).toBeDefined()
      expect(await textAt(at)).toBe('second')
      expect(
        await store.replaceIfEqual(at, bytesOf('third'), second ?? new Uint8Array(), ttlSeconds),
      ).toBeDefined()
      expect(await textAt(at)).toBe('third')
    })

    test('replacing an item by its own bytes stores, so that it can prove the item present', async () => {
      const at = address()
      const hash = await created(at, 'same')
      expect(await store.replaceIfEqual(at, bytesOf('same'), hash, ttlSeconds)).toBeDefined()
    })

    test('replacing by the hash of an earlier value stores nothing', async () => {
      const at = address()
      const first = await created(at, 'first')
      await store.replaceIfEqual(at, bytesOf('second'), first, ttlSeconds)
      expect(await store.replaceIfEqual(at, bytesOf('third'), first, ttlSeconds)).toBeUndefined()
      expect(await textAt(at)).toBe('second')
    })

    test('replacing never creates, even by the hash that the item had', async () => {
      const at = address()
      const hash = await created(at, 'first')
      advance(ttlSeconds * 1_000)
      expect(await store.replaceIfEqual(at, bytesOf('second'), hash, ttlSeconds)).toBeUndefined()
      expect(await store.read(at, 'consistent')).toBeUndefined()
    })

    test('an item is there until its time to live has passed, and then can be created again', async () => {
      const at = address()
      await created(at, 'first')
      advance(ttlSeconds * 1_000 - 1_000)
      expect(await textAt(at)).toBe('first')
      advance(1_000)
      expect(await store.read(at, 'consistent')).toBeUndefined()
      await created(at, 'second')
    })

    test('a replacement brings its own time to live', async () => {
      const at = address()
      const hash = await created(at, 'first')
      advance(ttlSeconds * 1_000 - 1_000)
      await store.replaceIfEqual(at, bytesOf('second'), hash, ttlSeconds)
      advance(ttlSeconds * 1_000 - 1_000)
      expect(await textAt(at)).toBe('second')
    })

    test('of writers that create at the same time one stores', async () => {
      const at = address()
      const hashes = await Promise.all(
        Array.from({ length: rivals }, (_, rival) =>
          store.createIfAbsent(at, bytesOf(`rival ${rival}`), ttlSeconds),
        ),
      )
      expect(hashes.filter((hash) => hash !== undefined)).toHaveLength(1)
      expect(await textAt(at)).toBe(`rival ${hashes.findIndex((hash) => hash !== undefined)}`)
    })

    test('of writers that replace the same value at the same time one stores', async () => {
      const at = address()
      const first = await created(at, 'first')
      const hashes = await Promise.all(
        Array.from({ length: rivals }, (_, rival) =>
          store.replaceIfEqual(at, bytesOf(`rival ${rival}`), first, ttlSeconds),
        ),
      )
      expect(hashes.filter((hash) => hash !== undefined)).toHaveLength(1)
      expect(await textAt(at)).toBe(`rival ${hashes.findIndex((hash) => hash !== undefined)}`)
    })

    test('addresses that differ in one character are different items', async () => {
      const at = address()
      await created(`${at}1`, 'one')
      await created(`${at}2`, 'two')
      expect([await textAt(`${at}1`), await textAt(`${at}2`)]).toEqual(['one', 'two'])
    })

    test('every byte comes back as it was, also from the largest cell', async () => {
      const all = Uint8Array.from({ length: 256 }, (_, byte) => byte)
      for (const bytes of [all, randomBytes(largestCellBytes)]) {
        const at = address()
        await store.createIfAbsent(at, bytes, ttlSeconds)
        const stored = await store.read(at, 'balanced')
        expect(Buffer.compare(stored?.bytes ?? new Uint8Array(), bytes)).toBe(0)
      }
    })
  })
}

function bytesOf(text: string): Uint8Array {
  return Buffer.from(text)
}

/** An address that no other test writes to, in whatever cache. */
function address(): string {
  return `streamtally:test:${randomUUID()}`
}
