import { nameOf } from './items/byte-name.ts'
import type { Dictionary } from './items/dictionary.ts'
import type { ElementList } from './items/element-list.ts'
import type { ElementSet } from './items/element-set.ts'
import { addToInteger, integerText } from './items/integer-text.ts'
import type { SortedSet } from './items/sorted-set.ts'
import { itemLimitBytes } from './limits.ts'
import { checkElements, checkItemBytes, checkTtl, StorageError } from './storage-error.ts'
import type { StoredValue } from './value-hash.ts'
import type { WriteCondition } from './write-conditions.ts'

/**
 * Entries looked at for expiry on each write: one pass over n entries takes n / 4 writes, so entries that expired
 * unread stay a fraction of the live ones, without a timer.
 */
const sweptPerWrite = 4

/** An item that holds several elements. */
export type Collection = Dictionary | ElementSet | ElementList | SortedSet

/** What an item is. */
export type ItemKind = 'scalar' | Collection['kind']

/** Sets a time to live in any case, only to lengthen the remaining one, or only to shorten it. */
export type TtlUpdate = 'overwrite' | 'increase' | 'decrease'

/** What a call adds to a collection, and for how long. */
export interface Growth {
  /** Of a collection that is not there yet, or of any with `refreshTtl`. */
  readonly ttlMs: number
  /** Whether a collection that is there gets the time to live too. */
  readonly refreshTtl: boolean
  /** Everything that is to be stored, to be held against the limits. */
  readonly elements: readonly Uint8Array[]
}

/** An item as it was at some time: later changes of the cache do not reach it. */
export interface ItemSnapshot {
  readonly content: Uint8Array | Collection
  readonly remainingTtlMs: number
}

interface StoredItem {
  content: Uint8Array | Collection
  expiresAtMs: number
  hash?: Uint8Array
}

/** An item whose content is of that kind. */
type Put<Content> = StoredItem & { content: Content }

/**
 * The items of one cache. An item is gone from the moment its time to live has passed (`now >= expiry`), a collection from
 * when it is empty. Every method is atomic: none yields to the event loop, and one that throws a StorageError, as all do
 * for an item of another kind and for what is over the limits, has changed nothing.
 */
export class CacheItems {
  readonly #nowMs: () => number
  readonly #items = new Map<string, StoredItem>()
  #sweep = this.#items.entries()

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  /** Items held in memory: the live ones and those that expired and were not swept yet. */
  get heldItems(): number {
    return this.#items.size
  }

  /** The live value of `key`, or `undefined`. */
  read(key: Uint8Array): Uint8Array | undefined {
    return this.readStored(key)?.content
  }

  /** As `read`, with what is known of the value. */
  readStored(key: Uint8Array): StoredValue | undefined {
    return this.#value(nameOf(key))
  }

  /** Replaces the item of `key`, of whatever kind, and its time to live. */
  write(key: Uint8Array, value: Uint8Array, ttlMs: number): StoredValue {
    checkItemBytes(key.byteLength + value.byteLength)
    return this.#put(nameOf(key), copyOf(value), ttlMs)
  }

  /** Writes as `write` does if `condition` holds for the live value; `undefined` if it does not. */
  writeIf(
    key: Uint8Array,
    value: Uint8Array,
    ttlMs: number,
    condition: WriteCondition,
  ): StoredValue | undefined {
    checkItemBytes(key.byteLength + value.byteLength)
    const name = nameOf(key)
    return condition(this.#value(name)) ? this.#put(name, copyOf(value), ttlMs) : undefined
  }

  /** Adds to the integer that the value's text is, from 0, and gives the sum; throws as `addToInteger` does. */
  increment(key: Uint8Array, amount: number, ttlMs: number): bigint {
    const name = nameOf(key)
    const sum = addToInteger(this.#value(name)?.content, amount)
    this.#put(name, integerText(sum), ttlMs)
    return sum
  }

  /** Removes the item of `key`, if there is one. */
  delete(key: Uint8Array): void {
    this.#items.delete(nameOf(key))
  }

  /** Removes all items. */
  clear(): void {
    this.#items.clear()
  }

  /** What the live item of `key` is. */
  kindOf(key: Uint8Array): ItemKind | undefined {
    const item = this.#live(nameOf(key))
    return item && kindOfContent(item.content)
  }

  /** How long the item of `key` still lives: above 0, with its fraction of a ms. */
  remainingTtlMs(key: Uint8Array): number | undefined {
    const nowMs = this.#nowMs()
    const item = this.#live(nameOf(key), nowMs)
    return item && item.expiresAtMs - nowMs
  }

  /** Gives the item of `key` another time to live, if the update would move it, and says what became of it. */
  updateTtl(key: Uint8Array, ttlMs: number, update: TtlUpdate): 'set' | 'notSet' | 'missing' {
    checkTtl(ttlMs)
    const nowMs = this.#nowMs()
    const item = this.#live(nameOf(key), nowMs)
    if (item === undefined) return 'missing'
    const remainingTtlMs = item.expiresAtMs - nowMs
    if (update === 'increase' && ttlMs <= remainingTtlMs) return 'notSet'
    if (update === 'decrease' && ttlMs >= remainingTtlMs) return 'notSet'
    item.expiresAtMs = nowMs + ttlMs
    return 'set'
  }

  /** The live collection of `key`, to be read only. */
  collection<Kind extends Collection>(key: Uint8Array, kind: new () => Kind): Kind | undefined {
    return asKind(this.#live(nameOf(key))?.content, kind)
  }

  /** Changes the collection of `key`, which begins empty where there is none. */
  grow<Kind extends Collection, Result>(
    key: Uint8Array,
    kind: new () => Kind,
    { ttlMs, refreshTtl, elements }: Growth,
    change: (collection: Kind) => Result,
  ): Result {
    const name = nameOf(key)
    const item = this.#live(name)
    const current = asKind(item?.content, kind) ?? new kind()
    const mostBytes = key.byteLength + current.bytes + checkElements(elements)
    const setsTtl = item === undefined || refreshTtl
    if (setsTtl) checkTtl(ttlMs)
    // What might come out too large is tried on a copy.
    const isTried = mostBytes > itemLimitBytes
    const collection = isTried ? (asKind(current.copy(), kind) ?? current) : current
    const result = change(collection)
    if (isTried) checkItemBytes(key.byteLength + collection.bytes)
    if (collection.size === 0) this.#items.delete(name)
    else if (setsTtl) this.#put(name, collection, ttlMs)
    else item.content = collection
    return result
  }

  /** Takes something from the collection of `key`; the time to live stays. `undefined` where there is no item. */
  shrink<Kind extends Collection, Result>(
    key: Uint8Array,
    kind: new () => Kind,
    change: (collection: Kind) => Result,
  ): Result | undefined {
    const name = nameOf(key)
    const collection = asKind(this.#live(name)?.content, kind)
    if (collection === undefined) return undefined
    const result = change(collection)
    if (collection.size === 0) this.#items.delete(name)
    return result
  }

  /** Replaces the item of `key`, of whatever kind, and its time to live. The collection is the cache's from then on. */
  replace(key: Uint8Array, collection: Collection, ttlMs: number): void {
    checkItemBytes(key.byteLength + collection.bytes)
    checkTtl(ttlMs)
    const name = nameOf(key)
    if (collection.size === 0) this.#items.delete(name)
    else this.#put(name, collection, ttlMs)
  }

  /** The live item of `key`, of whatever kind. A value that was not written anew is the same object. */
  snapshot(key: Uint8Array): ItemSnapshot | undefined {
    const item = this.#live(nameOf(key))
    return item && { content: separate(item.content), remainingTtlMs: item.expiresAtMs - this.#nowMs() }
  }

  /** Makes the item of `key` what it was, `ageMs` later; `undefined`: no item. */
  restore(key: Uint8Array, snapshot: ItemSnapshot | undefined, ageMs = 0): void {
    const name = nameOf(key)
    const remainingTtlMs = (snapshot?.remainingTtlMs ?? 0) - ageMs
    if (snapshot === undefined || remainingTtlMs <= 0) this.#items.delete(name)
    else this.#put(name, separate(snapshot.content), remainingTtlMs)
  }

  #live(name: string, nowMs = this.#nowMs()): StoredItem | undefined {
    const item = this.#items.get(name)
    if (item === undefined || item.expiresAtMs > nowMs) return item
    this.#items.delete(name)
    return undefined
  }

  #value(name: string): StoredValue | undefined {
    const item = this.#live(name)
    if (item === undefined || isValue(item)) return item
    throw otherKind('scalar', item.content)
  }

  #put<Content extends StoredItem['content']>(name: string, content: Content, ttlMs: number): Put<Content> {
    checkTtl(ttlMs)
    const nowMs = this.#nowMs()
    const item = { content, expiresAtMs: nowMs + ttlMs }
    this.#items.set(name, item)
    this.#sweepSome(nowMs)
    return item
  }

  #sweepSome(nowMs: number): void {
    for (let swept = 0; swept < sweptPerWrite; swept++) {
      const next = this.#sweep.next()
      if (next.done === true) {
        this.#sweep = this.#items.entries()
        return
      }
      const [name, item] = next.value
      if (item.expiresAtMs <= nowMs) this.#items.delete(name)
    }
  }
}

function isValue(item: StoredItem): item is Put<Uint8Array> {
  return item.content instanceof Uint8Array
}

/** A copy: the value is often a view that would keep a whole received message in memory. */
function copyOf(value: Uint8Array): Uint8Array {
  return new Uint8Array(value)
}

/** What later changes of the content do not reach; a value is never changed, but replaced. */
function separate(content: StoredItem['content']): StoredItem['content'] {
  return content instanceof Uint8Array ? content : content.copy()
}

/** The caches of one server, by name. */
export class Caches {
  readonly #nowMs: () => number
  readonly #caches = new Map<string, CacheItems>()

  /** `nowMs`: a clock of any origin that does not run backwards; fractions of a millisecond count. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  /** Creates an empty cache; `false`, and nothing changes, when the name is taken. */
  create(name: string): boolean {
    if (this.#caches.has(name)) return false
    this.#caches.set(name, new CacheItems(this.#nowMs))
    return true
  }

  /** Deletes a cache with its items; `false` when there is none. */
  delete(name: string): boolean {
    return this.#caches.delete(name)
  }

  find(name: string): CacheItems | undefined {
    return this.#caches.get(name)
  }

  names(): string[] {
    return [...this.#caches.keys()]
  }
}

function asKind<Kind extends Collection>(
  content: StoredItem['content'] | undefined,
  kind: new () => Kind,
): Kind | undefined {
  if (content === undefined || content instanceof kind) return content
  throw otherKind(new kind().kind, content)
}

function kindOfContent(content: StoredItem['content']): ItemKind {
  return content instanceof Uint8Array ? 'scalar' : content.kind
}

function otherKind(needed: ItemKind, found: StoredItem['content']): StorageError {
  const message = `the call is for a ${needed}, and the item is a ${kindOfContent(found)}`
  return new StorageError('failedPrecondition', message)
}
