import { readFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import * as fc from 'fast-check'
import { Packr } from 'msgpackr'
import { describe, expect, test } from 'vitest'
import type { Cell } from '../../../consumers/engine/cell.ts'
import { decodeCell, encodeCell } from '../../../consumers/engine/codec.ts'
import { DamagedBytesError, NewerCodecError } from '../../../consumers/engine/errors.ts'
import { address, anyContributions, cellOf, incarnation } from './cells.ts'
import { contributionOf, departures } from './departures.ts'

const packr = new Packr({ useRecords: false, useBigIntExtension: true })

const golden = cellOf(
  [
    contributionOf({ id: 'a', miles: Number.MAX_SAFE_INTEGER }),
    contributionOf({ id: 'b', miles: Number.MAX_SAFE_INTEGER }),
    contributionOf({ id: 'c', destination: 'ü|🛫', miles: -3 }),
  ],
  true,
)
const goldenHex = readFileSync(new URL('cell-version-1.hex', import.meta.url), 'utf8').replaceAll(/\s/g, '')

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

/** A stored cell with these ids, end to end, and their count. */
function bodyOfIds(ids: string, events: number): Uint8Array {
  const packedIds = Buffer.from(ids, 'latin1')
  return framed(packr.pack([address, incarnation, 1, incarnation, false, [[], []], packedIds, events]))
}

/** A stored cell with these groups. */
function bodyOfGroups(groups: unknown): Uint8Array {
  return framed(packr.pack([address, incarnation, 1, incarnation, false, groups, Buffer.alloc(0), 0]))
}

function isTyped(result: unknown): boolean {
  return (
    !(result instanceof Error) || result instanceof DamagedBytesError || result instanceof NewerCodecError
  )
}

/** The bytes of a cell's groups alone: two cells of equal everything else. */
function groupBytes(cell: Cell): Uint8Array {
  return encodeCell({ ...cell, ids: new Set(), version: 0, nonce: incarnation })
}

describe('round trip', () => {
  test('a cell comes back as it was, its byte bound included', () => {
    fc.assert(
      fc.property(anyContributions, fc.boolean(), (events, lossy) => {
        const cell = cellOf(events, lossy)
        const decoded = decodeCell(departures, address, encodeCell(cell))
        expect({ ...decoded, incarnation: [...decoded.incarnation], nonce: [...decoded.nonce] }).toEqual({
          ...cell,
          incarnation: [...cell.incarnation],
          nonce: [...cell.nonce],
        })
      }),
    )
  })

  test('bytes in the middle of a larger buffer are read where they are', () => {
    const bytes = encodeCell(golden)
    const around = Buffer.concat([Buffer.alloc(7, 1), bytes, Buffer.alloc(7, 1)])
    expect(decodeCell(departures, address, around.subarray(7, 7 + bytes.length)).ids).toEqual(golden.ids)
  })

  test('what a decoded cell holds on to does not keep the bytes it came from in memory', () => {
    const decoded = decodeCell(departures, address, encodeCell(golden))
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
    const decoded = decodeCell(departures, address, Buffer.from(goldenHex, 'hex'))
    expect(decoded.ids).toEqual(golden.ids)
    expect(decoded.groups).toEqual(golden.groups)
    expect(decoded).toMatchObject({ address, lossy: true, version: 3 })
  })
})

describe('damage', () => {
  const bytes = encodeCell(golden)

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
    expect(failureOf(bodyOfIds(`${id}${other}`, 2))).not.toBeInstanceOf(Error)
    expect(failureOf(bodyOfIds(`${id}${id}`, 2))).toBeInstanceOf(DamagedBytesError)
    expect(failureOf(bodyOfIds(id, 2))).toBeInstanceOf(DamagedBytesError)
    expect(failureOf(bodyOfIds(`${id}y`, 2))).toBeInstanceOf(DamagedBytesError)
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
    const whole: readonly unknown[] = [
      address,
      incarnation,
      1,
      incarnation,
      false,
      [[], []],
      Buffer.alloc(0),
      0,
    ]
    const anything = fc.oneof(
      fc.anything({ withBigInt: true, withTypedArray: true, withNullPrototype: true }),
      fc.array(fc.array(fc.oneof(fc.string(), fc.integer(), fc.constant(null)))),
    )
    fc.assert(
      fc.property(fc.nat(whole.length - 1), anything, (place, value) => {
        const body = packr.pack(whole.with(place, place === 0 ? address : value))
        expect(isTyped(failureOf(framed(body)))).toBe(true)
      }),
      { numRuns: 2_000 },
    )
    expect(failureOf(framed(packr.pack(whole)))).not.toBeInstanceOf(Error)
  })

  test.each([
    ['a key that is no text', [[1, 1, [1, 1], 1, [1]], []]],
    ['a group with a measure missing', [['JFK', 1, [1, 1], 1], []]],
    ['a grouping missing', [[]]],
    ['a grouping too many', [[], [], []]],
    ['a key twice', [['JFK', 1, [1, 1], 1, [1], 'JFK', 1, [1, 1], 1, [1]], []]],
  ])('groups with %s are damage', (_, groups) => {
    expect(failureOf(bodyOfGroups(groups))).toBeInstanceOf(DamagedBytesError)
    expect(failureOf(bodyOfGroups([['JFK', 1, [1, 1], 1, [1]], []]))).not.toBeInstanceOf(Error)
  })
})
