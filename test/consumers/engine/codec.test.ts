import { readFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import * as fc from 'fast-check'
import { Packr } from 'msgpackr'
import { describe, expect, test } from 'vitest'
import { type Cell, emptyCell, fold, segmentAddress } from '../../../consumers/engine/cell.ts'
import { decodeCell, decodeSegment, encodeCell, encodeSegment } from '../../../consumers/engine/codec.ts'
import { DamagedBytesError, NewerCodecError } from '../../../consumers/engine/errors.ts'
import { IdSet } from '../../../consumers/engine/id-set.ts'
import { address, anyContributions, cellOf, incarnation } from './cells.ts'
import { contributionOf, departures } from './departures.ts'

const packr = new Packr({ useRecords: false, useBigIntExtension: true })

/** Written out, so that the released bytes do not depend on what names a definition. */
const goldenAddress = 'streamtally:departures:0123456789abcdef:1704110400000:3'
const names = [new Uint8Array(12).fill(0xab), new Uint8Array(12).fill(0xcd)] as const
const golden = goldenCell()
const goldenHex = hexOf('cell-version-1.hex')
const goldenSegment = { address: segmentAddress(goldenAddress, names[0]), ids: 2 }
const goldenSegmentHex = hexOf('segment-version-1.hex')

function goldenCell(): Cell {
  const cell = emptyCell(departures, goldenAddress, incarnation, true)
  fold(departures, cell, contributionOf({ id: 'a', miles: Number.MAX_SAFE_INTEGER }))
  fold(departures, cell, contributionOf({ id: 'b', miles: Number.MAX_SAFE_INTEGER }))
  fold(departures, cell, contributionOf({ id: 'c', destination: 'ü|🛫', miles: -3 }))
  const segments = names.map((name, index) => ({
    address: segmentAddress(goldenAddress, name),
    ids: 2 + index,
  }))
  return { ...cell, version: 3, segments }
}

/** Ids with all kinds of bytes in them. */
function idsOfWords(...words: readonly number[]): IdSet {
  const ids = new IdSet()
  for (const word of words) ids.add([word, word + 1, 0xfffffffe])
  return ids
}

function hexOf(file: string): string {
  return readFileSync(new URL(file, import.meta.url), 'utf8').replaceAll(/\s/g, '')
}

/** The frame around a body: checksum and version. */
function framed(body: Uint8Array, version = 1): Uint8Array {
  const versioned = Buffer.concat([Buffer.of(version), body])
  const checksum = Buffer.alloc(4)
  checksum.writeUInt32BE(crc32(versioned))
  return Buffer.concat([checksum, versioned])
}

function failureOf(bytes: Uint8Array, at = address): unknown {
  try {
    return decodeCell(departures, at, bytes)
  } catch (error) {
    return error
  }
}

/** The fields of a head without events. */
const emptyBody: readonly unknown[] = [
  address,
  incarnation,
  1,
  incarnation,
  false,
  [[], []],
  Buffer.alloc(0),
  Buffer.alloc(0),
  [],
  0,
]

interface Stored {
  readonly groups?: unknown
  readonly ids?: string
  readonly names?: string
  readonly counts?: unknown
  readonly events?: unknown
}

/** A stored head with these fields; ids and names end to end. */
function headOf({
  groups = [[], []],
  ids = '',
  names: named = '',
  counts = [],
  events = 0,
}: Stored): Uint8Array {
  const fields = [groups, Buffer.from(ids, 'latin1'), Buffer.from(named, 'latin1'), counts, events]
  return framed(packr.pack([...emptyBody.slice(0, 5), ...fields]))
}

function isTyped(result: unknown): boolean {
  return (
    !(result instanceof Error) || result instanceof DamagedBytesError || result instanceof NewerCodecError
  )
}

/** The bytes of a cell's groups alone: two cells of equal everything else. */
function groupBytes(cell: Cell): Uint8Array {
  return encodeCell({ ...cell, active: new IdSet(), version: 0, nonce: incarnation })
}

/** A cell by its values, whatever arrays hold them. */
function comparable({ active, incarnation: life, nonce, ...rest }: Cell): unknown {
  return { ...rest, ids: [...active], life: [...life], nonce: [...nonce] }
}

describe('round trip', () => {
  test('a cell comes back as it was, its byte bound included', () => {
    const segments = fc.uniqueArray(
      fc
        .tuple(fc.uint8Array({ minLength: 12, maxLength: 12 }), fc.integer({ min: 1, max: 5_000 }))
        .map(([name, ids]) => ({ address: segmentAddress(address, name), ids })),
      { selector: (segment) => segment.address, maxLength: 5 },
    )
    fc.assert(
      fc.property(anyContributions, fc.boolean(), segments, (events, lossy, named) => {
        const cell = { ...cellOf(events, lossy), segments: named }
        expect(comparable(decodeCell(departures, address, encodeCell(cell)))).toEqual(comparable(cell))
      }),
    )
  })

  test('bytes in the middle of a larger buffer are read where they are', () => {
    const bytes = encodeCell(golden)
    const around = Buffer.concat([Buffer.alloc(7, 1), bytes, Buffer.alloc(7, 1)])
    const decoded = decodeCell(departures, goldenAddress, around.subarray(7, 7 + bytes.length))
    expect([...decoded.active]).toEqual([...golden.active])
  })

  test('a segment comes back with its ids in their order', () => {
    const id = fc.tuple(fc.integer(), fc.integer(), fc.integer()).map((words) => Uint32Array.from(words))
    const distinct = fc.uniqueArray(id, { selector: String, maxLength: 50 })
    fc.assert(
      fc.property(distinct, (words) => {
        const ids = new IdSet()
        for (const [high = 0, middle = 0, low = 0] of words) ids.add([high, middle, low])
        const decoded = decodeSegment({ address, ids: ids.size }, encodeSegment(address, ids.packed()))
        expect([...decoded].map(String)).toEqual(words.map(String))
      }),
    )
  })

  test('what a decoded cell holds on to does not keep the bytes it came from in memory', () => {
    const decoded = decodeCell(departures, goldenAddress, encodeCell(golden))
    expect(decoded.incarnation.buffer.byteLength).toBeLessThan(64)
    expect(decoded.nonce.buffer.byteLength).toBeLessThan(64)
  })
})

test('equal sets of events give equal bytes of the groups, in whatever order they came', () => {
  fc.assert(
    fc.property(
      anyContributions.chain((events) =>
        fc.tuple(
          fc.constant(events),
          fc.shuffledSubarray(events, { minLength: events.length, maxLength: events.length }),
        ),
      ),
      ([events, shuffled]) => {
        expect(Buffer.compare(groupBytes(cellOf(events)), groupBytes(cellOf(shuffled)))).toBe(0)
      },
    ),
  )
})

describe('version 1', () => {
  test('a cell is written as the bytes that were released', () => {
    expect(Buffer.from(encodeCell(golden)).toString('hex')).toBe(goldenHex)
  })

  test('the bytes that were released are read', () => {
    const decoded = decodeCell(departures, goldenAddress, Buffer.from(goldenHex, 'hex'))
    expect([...decoded.active]).toEqual(['a', 'b', 'c'].map((id) => contributionOf({ id }).id))
    expect(decoded.groups).toEqual(golden.groups)
    expect(decoded.segments).toEqual(golden.segments)
    expect(decoded).toMatchObject({ address: goldenAddress, lossy: true, version: 3 })
  })

  test('so is a segment', () => {
    const ids = idsOfWords(0, 0x01020304)
    const bytes = encodeSegment(goldenSegment.address, ids.packed())
    expect(Buffer.from(bytes).toString('hex')).toBe(goldenSegmentHex)
    expect([...decodeSegment(goldenSegment, Buffer.from(goldenSegmentHex, 'hex'))]).toEqual([...ids])
  })
})

describe('damage', () => {
  const bytes = encodeCell({ ...golden, address })

  test('cut anywhere, the bytes are damaged; whole, they are read', () => {
    for (let length = 0; length < bytes.length; length++) {
      expect(failureOf(bytes.subarray(0, length))).toBeInstanceOf(DamagedBytesError)
    }
    expect(failureOf(bytes)).not.toBeInstanceOf(Error)
  })

  test('with any one bit flipped, the bytes are damaged', () => {
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(failureOf(flipped)).toBeInstanceOf(DamagedBytesError)
    }
  })

  test('the bytes of another address are damaged', () => {
    expect(failureOf(bytes, `${address}1`)).toBeInstanceOf(DamagedBytesError)
  })

  test('bytes of a later version are newer, not damaged, whatever is in them', () => {
    for (const version of [2, 255]) {
      expect(failureOf(framed(Buffer.from('anything'), version))).toBeInstanceOf(NewerCodecError)
    }
    const unframed = Buffer.from(bytes)
    unframed[4] = 2
    expect(failureOf(unframed)).toBeInstanceOf(DamagedBytesError)
  })

  test('an id that is there twice, or not as often as counted, is damage', () => {
    const id = 'x'.repeat(12)
    const other = 'y'.repeat(12)
    expect(failureOf(headOf({ ids: `${id}${other}`, events: 2 }))).not.toBeInstanceOf(Error)
    expect(failureOf(headOf({ ids: `${id}${id}`, events: 2 }))).toBeInstanceOf(DamagedBytesError)
    expect(failureOf(headOf({ ids: id, events: 2 }))).toBeInstanceOf(DamagedBytesError)
    expect(failureOf(headOf({ ids: `${id}y`, events: 2 }))).toBeInstanceOf(DamagedBytesError)
    expect(failureOf(headOf({ ids: `${id}y`, events: 1 }))).toBeInstanceOf(DamagedBytesError)
  })

  test('segments without their counts, or of other counts than the events, are damage', () => {
    const stored = { ids: 'x'.repeat(12), names: 'n'.repeat(24), counts: [2, 3], events: 6 }
    expect(failureOf(headOf(stored))).not.toBeInstanceOf(Error)
    for (const fields of [
      { events: 5 },
      { events: 1 },
      { counts: [5] },
      { counts: ['2', '3'] },
      { counts: [null, 5] },
      { names: 'n'.repeat(23) },
      { names: 'n'.repeat(36) },
    ]) {
      expect(failureOf(headOf({ ...stored, ...fields }))).toBeInstanceOf(DamagedBytesError)
    }
  })

  test('a segment that is cut, altered, another’s, or of another number of ids is damaged', () => {
    const ids = idsOfWords(1, 2)
    const at = { address, ids: 2 }
    const whole = encodeSegment(address, ids.packed())
    const failure = (segment: typeof at, stored: Uint8Array): unknown => {
      try {
        return decodeSegment(segment, stored)
      } catch (error) {
        return error
      }
    }
    expect(failure(at, whole)).not.toBeInstanceOf(Error)
    for (let length = 0; length < whole.length; length++)
      expect(failure(at, whole.subarray(0, length))).toBeInstanceOf(DamagedBytesError)
    for (let byte = 0; byte < whole.length; byte++)
      expect(failure(at, Buffer.from(whole).fill((whole[byte] ?? 0) ^ 1, byte, byte + 1))).toBeInstanceOf(
        DamagedBytesError,
      )
    expect(failure({ ...at, address: `${address}0` }, whole)).toBeInstanceOf(DamagedBytesError)
    expect(failure({ ...at, ids: 1 }, whole)).toBeInstanceOf(DamagedBytesError)
    expect(failure({ ...at, ids: 3 }, whole)).toBeInstanceOf(DamagedBytesError)
    const twice = Buffer.concat([ids.packed(), ids.packed(0, 1)])
    expect(failure({ ...at, ids: 3 }, encodeSegment(address, twice))).toBeInstanceOf(DamagedBytesError)
    const head = encodeCell(cellOf([contributionOf({ id: 'a' }), contributionOf({ id: 'b' })]))
    expect(failure(at, head)).toBeInstanceOf(DamagedBytesError)
    expect(failure(at, framed(Buffer.from('anything'), 2))).toBeInstanceOf(NewerCodecError)
  })
})

describe('arbitrary bytes', () => {
  test('they are a typed error and nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const failure = failureOf(bytes)
        expect(failure instanceof DamagedBytesError || failure instanceof NewerCodecError).toBe(true)
      }),
      { numRuns: 1_000 },
    )
  })

  test('so are they behind a checksum that holds', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (body) => {
        expect(isTyped(failureOf(framed(body)))).toBe(true)
      }),
      { numRuns: 5_000 },
    )
  })

  test('and so is a body of the right length with anything in any place', () => {
    const anything = fc.oneof(
      fc.anything({ withBigInt: true, withTypedArray: true, withNullPrototype: true }),
      fc.array(fc.array(fc.oneof(fc.string(), fc.integer(), fc.constant(null)))),
    )
    fc.assert(
      fc.property(fc.nat(emptyBody.length - 1), anything, (place, value) => {
        const body = packr.pack(emptyBody.with(place, place === 0 ? address : value))
        expect(isTyped(failureOf(framed(body)))).toBe(true)
      }),
      { numRuns: 2_000 },
    )
    expect(failureOf(framed(packr.pack(emptyBody)))).not.toBeInstanceOf(Error)
  })

  test.each([
    ['a key that is no text', [[1, 1, [1, 1], 1, [1]], []]],
    ['a group with a measure missing', [['JFK', 1, [1, 1], 1], []]],
    ['a grouping missing', [[]]],
    ['a grouping too many', [[], [], []]],
    ['a key twice', [['JFK', 1, [1, 1], 1, [1], 'JFK', 1, [1, 1], 1, [1]], []]],
  ])('groups with %s are damage', (_, groups) => {
    expect(failureOf(headOf({ groups }))).toBeInstanceOf(DamagedBytesError)
    expect(failureOf(headOf({ groups: [['JFK', 1, [1, 1], 1, [1]], []] }))).not.toBeInstanceOf(Error)
  })
})
