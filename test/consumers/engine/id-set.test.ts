import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { IdSet, idBytes } from '../../../consumers/engine/id-set.ts'
import type { EventId } from '../../../consumers/engine/identity.ts'

const highestWord = 2 ** 32 - 1
/** Few words that differ in few bits, so that ids repeat, share words and meet in one slot. */
const word = fc.constantFrom(0, 1, 16, 32, 2 ** 31, highestWord)
const id: fc.Arbitrary<EventId> = fc.tuple(word, word, fc.oneof(word, fc.nat(highestWord)))

/** The obviously correct set: texts, in the order in which they came. */
type Model = Map<string, EventId>

class Add implements fc.Command<Model, IdSet> {
  readonly #id: EventId
  constructor(of: EventId) {
    this.#id = of
  }
  check(): boolean {
    return true
  }
  run(model: Model, ids: IdSet): void {
    const text = this.#id.join(' ')
    assert.equal(ids.has(this.#id), model.has(text))
    assert.equal(ids.add(this.#id), !model.has(text))
    if (!model.has(text)) model.set(text, this.#id)
    assert.equal(ids.has(this.#id), true)
    assert.equal(ids.size, model.size)
  }
  toString(): string {
    return `add ${this.#id.join(' ')}`
  }
}

let compared = 0

/** Everything that can be seen of the set, and the set that its bytes make. */
class Compare implements fc.Command<Model, IdSet> {
  readonly #percent: number
  constructor(percent: number) {
    this.#percent = percent
  }
  check(): boolean {
    return true
  }
  run(model: Model, ids: IdSet): void {
    compared++
    const all = [...model.values()]
    assert.deepEqual([...ids], all)
    assert.deepEqual(Buffer.from(ids.packed()), packedOf(all))
    const middle = Math.floor((all.length * this.#percent) / 100)
    assert.deepEqual(Buffer.from(ids.packed(0, middle)), packedOf(all.slice(0, middle)))
    assert.deepEqual(Buffer.from(ids.packed(middle)), packedOf(all.slice(middle)))
    const unpacked = IdSet.unpack(ids.packed())
    assert.deepEqual([...unpacked], all)
    assert(all.every((each) => unpacked.has(each)))
  }
  toString(): string {
    return `compare, cut at ${this.#percent} %`
  }
}

function packedOf(ids: readonly EventId[]): Buffer {
  const bytes = Buffer.alloc(ids.length * idBytes)
  for (const [at, words] of ids.entries())
    for (const [index, value] of words.entries()) bytes.writeUInt32LE(value, at * idBytes + index * 4)
  return bytes
}

/** The finaliser of MurmurHash3: different words for different values, of bits that look random. */
function mixed(value: number): number {
  let bits = value
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}

/** Ids as real ones are: all bits look random, and no two are equal. */
function realIds(count: number, from = 0): EventId[] {
  return Array.from({ length: count }, (_, index) => {
    const at = from + index
    return [mixed(at ^ 0x5bd1e995), mixed(at ^ 0x1b873593), mixed(at)]
  })
}

function setOf(ids: readonly EventId[], capacity?: number): IdSet {
  const set = new IdSet(capacity)
  for (const each of ids) set.add(each)
  return set
}

test('whatever is added, asked and packed, it is the set of these ids in the order in which they came', () => {
  // Adding asks as well, before and after.
  const command = fc.oneof(
    { weight: 9, arbitrary: id.map((each) => new Add(each)) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 100 }).map((percent) => new Compare(percent)) },
  )
  fc.assert(
    fc.property(
      fc.commands([command], { size: 'large', maxCommands: 100 }),
      fc.nat(40),
      (commands, capacity) => {
        fc.modelRun(() => ({ model: new Map<string, EventId>(), real: new IdSet(capacity) }), commands)
      },
    ),
    { numRuns: 100 },
  )
  expect(compared).toBeGreaterThan(100)
})

test('an id of three zero words is an id like any other', () => {
  const zeros: EventId = [0, 0, 0]
  const ids = setOf([[0, 0, 1]])
  expect(ids.has(zeros)).toBe(false)
  expect(ids.add(zeros)).toBe(true)
  expect(ids.add(zeros)).toBe(false)
  expect(ids.has(zeros)).toBe(true)
  expect([...ids]).toEqual([[0, 0, 1], zeros])
  expect(IdSet.unpack(ids.packed()).has(zeros)).toBe(true)
  expect(IdSet.unpack(new Uint8Array(idBytes)).size).toBe(1)
  expect(new IdSet().has(zeros)).toBe(false)
})

test('it grows past 65,536 ids, where positions need more bytes, and loses none', () => {
  const count = 70_000
  const ids = realIds(count)
  for (const capacity of [0, 65_535, 65_536]) {
    const set = new IdSet(capacity)
    for (const [index, each] of ids.entries()) {
      if (!set.add(each)) throw new Error(`the ${index}th id was taken for an earlier one`)
      // The first and the last are the ones that a position which does not fit would lose.
      if (index >= 65_530 && index <= 65_540 && !(set.has(each) && set.has(ids[0] ?? each)))
        throw new Error(`an id is gone after ${index}`)
    }
    expect(set.size).toBe(count)
    expect(ids.filter((each) => !set.has(each))).toEqual([])
    expect(realIds(count, count).filter((each) => set.has(each))).toEqual([])
  }
})

test('bytes that hold an id twice make a smaller set than they have room for', () => {
  const [first, second] = realIds(2)
  if (first === undefined || second === undefined) throw new Error('there are no ids')
  const bytes = Buffer.concat([setOf([first, second]).packed(), setOf([first]).packed()])
  expect(IdSet.unpack(bytes).size).toBe(2)
  expect(IdSet.unpack(setOf([first, second]).packed()).size).toBe(2)
})

test('ids in the middle of a larger buffer are read where they are', () => {
  const ids = realIds(3)
  const around = Buffer.concat([Buffer.alloc(5, 1), setOf(ids).packed(), Buffer.alloc(7, 1)])
  expect([...IdSet.unpack(around.subarray(5, 5 + 3 * idBytes))]).toEqual(ids)
})

describe('memory', () => {
  const count = 1_000_000
  const mostBytes = 40_000_000
  const segmentIds = 5_000

  test('a million ids take less than 40 MB, as one set and as 200 segments that were read', () => {
    const one = new IdSet()
    let segmentBytes = 0
    for (let segment = 0; segment < count / segmentIds; segment++) {
      const ids = setOf(realIds(segmentIds, segment * segmentIds))
      for (const each of ids) one.add(each)
      segmentBytes += IdSet.unpack(ids.packed()).memoryBytes
    }
    expect(one.size).toBe(count)
    expect(one.memoryBytes).toBeLessThan(mostBytes)
    expect(segmentBytes).toBeLessThan(mostBytes)
    // The control: all of their bytes are counted.
    expect(one.memoryBytes).toBeGreaterThan(count * idBytes)
    expect(segmentBytes).toBeGreaterThan(count * idBytes)
  })

  test('it stays within 40 bytes an id however far a set has grown', () => {
    const ids = new IdSet()
    for (const each of realIds(100_000)) {
      ids.add(each)
      if (ids.size >= 100 && ids.memoryBytes > ids.size * 40)
        throw new Error(`${ids.size} ids take ${ids.memoryBytes} bytes`)
    }
    expect(ids.size).toBe(100_000)
  })
})
