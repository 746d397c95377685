import type { EventId } from './identity.ts'

/** Bytes of an event id where it is stored: its three words, little endian. */
export const idBytes = 12
const wordsPerId = 3
/** Index slots an id at least, so that a search ends after a few probes. */
const slotsPerId = 1.5
const leastSlots = 16

/**
 * A set of event ids that takes some 16 to 40 bytes an id: the ids end to end in one typed array, in the order in which
 * they came, and an index of open addressing over them. Ids are parts of cryptographic hashes, so one of their words is
 * hash enough; the step comes from another, so that who picks ids that begin at one slot gains nothing.
 */
export class IdSet {
  #words: Uint32Array
  /** Position of an id plus 1; 0 is a free slot. */
  #slots: Uint16Array | Uint32Array
  #size = 0

  /** An empty set with room for `capacity` ids. */
  constructor(capacity = 0) {
    this.#words = new Uint32Array(capacity * wordsPerId)
    this.#slots = slotsFor(capacity)
  }

  /** The ids that `packed` wrote. Fewer than `bytes` has where some are there twice. */
  static unpack(bytes: Uint8Array): IdSet {
    const count = Math.floor(bytes.length / idBytes)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const ids = new IdSet(count)
    for (let at = 0; at < count * idBytes; at += idBytes) {
      ids.add([view.getUint32(at, true), view.getUint32(at + 4, true), view.getUint32(at + 8, true)])
    }
    return ids
  }

  get size(): number {
    return this.#size
  }

  /** What the set holds of memory. */
  get memoryBytes(): number {
    return this.#words.byteLength + this.#slots.byteLength
  }

  has(id: EventId): boolean {
    return this.#slots[this.#slotOf(id)] !== 0
  }

  /** Sets to 1 each place of `isHeld` whose id, at the same place of `ids`, is in the set: `has` for many at once. */
  mark(ids: readonly EventId[], isHeld: Uint8Array): void {
    const words = this.#words
    const slots = this.#slots
    const mask = slots.length - 1
    for (let index = 0; index < ids.length; index++) {
      const id = ids[index]
      if (id === undefined) continue
      const low = id[2]
      const step = (id[1] | 1) & mask
      let slot = low & mask
      for (let position = slots[slot] ?? 0; position !== 0; position = slots[slot] ?? 0) {
        const at = (position - 1) * wordsPerId
        if (words[at + 2] === low && words[at + 1] === id[1] && words[at] === id[0]) {
          isHeld[index] = 1
          break
        }
        slot = (slot + step) & mask
      }
    }
  }

  /** Whether the id is new. */
  add(id: EventId): boolean {
    let slot = this.#slotOf(id)
    if (this.#slots[slot] !== 0) return false
    if ((this.#size + 1) * slotsPerId > this.#slots.length || this.#size >= slotMaximum(this.#slots)) {
      this.#grow()
      slot = this.#slotOf(id)
    }
    if ((this.#size + 1) * wordsPerId > this.#words.length) {
      const words = new Uint32Array(Math.max(leastSlots, this.#size * 2) * wordsPerId)
      words.set(this.#words)
      this.#words = words
    }
    // Word by word: `set` takes several times as long for three.
    const at = this.#size * wordsPerId
    this.#words[at] = id[0]
    this.#words[at + 1] = id[1]
    this.#words[at + 2] = id[2]
    this.#slots[slot] = ++this.#size
    return true
  }

  /** The ids from the `first` up to, not including, the `end`th, `idBytes` each, in the order in which they came. */
  packed(first = 0, end = this.#size): Uint8Array {
    const bytes = new Uint8Array((end - first) * idBytes)
    const view = new DataView(bytes.buffer)
    for (let word = first * wordsPerId, at = 0; word < end * wordsPerId; word++, at += 4) {
      view.setUint32(at, this.#words[word] ?? 0, true)
    }
    return bytes
  }

  /** The ids themselves, in the order in which they came. */
  *[Symbol.iterator](): Generator<EventId> {
    for (let at = 0; at < this.#size * wordsPerId; at += wordsPerId) {
      yield [this.#words[at] ?? 0, this.#words[at + 1] ?? 0, this.#words[at + 2] ?? 0]
    }
  }

  /** The slot that holds the id, or the free one where it would go. */
  #slotOf(id: EventId): number {
    const words = this.#words
    const slots = this.#slots
    const mask = slots.length - 1
    const step = (id[1] | 1) & mask
    for (let slot = id[2] & mask; ; slot = (slot + step) & mask) {
      const position = slots[slot] ?? 0
      if (position === 0) return slot
      const at = (position - 1) * wordsPerId
      if (words[at + 2] === id[2] && words[at + 1] === id[1] && words[at] === id[0]) return slot
    }
  }

  #grow(): void {
    this.#slots = slotsFor(this.#size * 2)
    const slots = this.#slots
    const mask = slots.length - 1
    for (let position = 1; position <= this.#size; position++) {
      let slot = (this.#words[position * wordsPerId - 1] ?? 0) & mask
      const step = ((this.#words[position * wordsPerId - 2] ?? 0) | 1) & mask
      while (slots[slot] !== 0) slot = (slot + step) & mask
      slots[slot] = position
    }
  }
}

/** A power of two of free slots: 2 bytes each while positions fit into them. */
function slotsFor(capacity: number): Uint16Array | Uint32Array {
  let count = leastSlots
  while (count < capacity * slotsPerId) count *= 2
  return capacity < 2 ** 16 ? new Uint16Array(count) : new Uint32Array(count)
}

function slotMaximum(slots: Uint16Array | Uint32Array): number {
  return slots instanceof Uint16Array ? 2 ** 16 - 1 : 2 ** 32 - 1
}
