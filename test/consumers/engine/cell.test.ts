import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Cell,
  cellAddress,
  emptyCell,
  fold,
  groupByteBound,
  maximumCellBytes,
  mergeStates,
} from '../../../consumers/engine/cell.ts'
import { encodeCell } from '../../../consumers/engine/codec.ts'
import { idBytes } from '../../../consumers/engine/identity.ts'
import { address, anyContributions, cellOf, incarnation } from './cells.ts'
import { contributionOf, departures } from './departures.ts'

interface Named {
  readonly name: string
  readonly fingerprint: string
  readonly paneStartMs: number
  readonly bucket: number
}

/** What of a cell an event may change. */
function contentOf({ groups, ids, byteBound }: Cell): unknown {
  return structuredClone({ groups, ids, byteBound })
}

describe('address', () => {
  test('cells that differ in pipeline, definition, pane or bucket have different addresses', () => {
    const named: fc.Arbitrary<Named> = fc.record({
      name: fc.stringMatching(/^[a-z][a-z0-9]{0,2}(-[a-z0-9]{1,2})?$/),
      fingerprint: fc.stringMatching(/^[0-9a-f]{1,3}$/),
      paneStartMs: fc.integer({ min: -100, max: 100 }),
      bucket: fc.nat(20),
    })
    const addressOf = ({ name, fingerprint, paneStartMs, bucket }: Named): string =>
      cellAddress({ ...departures, name, fingerprint }, paneStartMs, bucket)
    fc.assert(
      fc.property(named, named, (a, b) => {
        expect(addressOf(a) === addressOf(b)).toBe(JSON.stringify(a) === JSON.stringify(b))
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('fold', () => {
  test('an event adds to its group in every grouping, and its id', () => {
    const cell = cellOf([contributionOf({ id: 'a' }), contributionOf({ id: 'b', destination: 'BOS' })])
    expect(departures.groupings).toEqual(['origin', 'route'])
    expect([...(cell.groups[0]?.keys() ?? [])]).toEqual(['JFK'])
    expect([...(cell.groups[1]?.keys() ?? [])]).toEqual(['JFK|LAX', 'JFK|BOS'])
    expect(departures.measures.map(([name]) => name)).toEqual([
      'departures',
      'meanMiles',
      'miles',
      'mostMiles',
    ])
    expect(cell.groups[0]?.get('JFK')).toEqual([2, [4_950, 2], 4_950, [2_475]])
    expect(cell.ids).toEqual(new Set([contributionOf({ id: 'a' }).id, contributionOf({ id: 'b' }).id]))
  })

  test('an event whose id is there changes nothing, another one does', () => {
    const cell = cellOf([contributionOf({ id: 'a' })])
    const before = contentOf(cell)
    expect(fold(departures, cell, contributionOf({ id: 'a', miles: 1 }))).toBe('duplicate')
    expect(contentOf(cell)).toEqual(before)
    expect(fold(departures, cell, contributionOf({ id: 'b' }))).toBe('folded')
    expect(contentOf(cell)).not.toEqual(before)
  })

  test('past the most groups nothing of an event is folded, while one of known groups still fits', () => {
    const cell = emptyCell(departures, address, incarnation, false)
    for (let group = 0; group < departures.maximumGroups / 2; group++) {
      expect(fold(departures, cell, contributionOf({ id: `${group}`, origin: `o-${group}` }))).toBe('folded')
    }
    const before = contentOf(cell)
    expect(fold(departures, cell, contributionOf({ id: 'new', origin: 'one-more' }))).toBe('over-cap')
    expect(fold(departures, cell, contributionOf({ id: 'new', origin: 'o-0', destination: 'BOS' }))).toBe(
      'over-cap',
    )
    expect(contentOf(cell)).toEqual(before)
    expect(fold(departures, cell, contributionOf({ id: 'known', origin: 'o-0' }))).toBe('folded')
  })

  test('past its bytes nothing of an event is folded, while one of known groups still fits', () => {
    const cell = cellOf([contributionOf({ id: 'a' })])
    cell.byteBound = maximumCellBytes - idBytes
    expect(fold(departures, cell, contributionOf({ id: 'b', destination: 'BOS' }))).toBe('over-cap')
    expect(cell.groups[1]?.has('JFK|BOS')).toBe(false)
    expect(fold(departures, cell, contributionOf({ id: 'b' }))).toBe('folded')
    expect(cell.byteBound).toBe(maximumCellBytes)
    expect(fold(departures, cell, contributionOf({ id: 'c' }))).toBe('over-cap')
    expect(cell.ids.size).toBe(2)
  })

  test('an event with a new group fits up to the last byte', () => {
    const growthBytes = idBytes + groupByteBound(departures, 'JFK|BOS')
    for (const [missingBytes, result] of [
      [0, 'folded'],
      [1, 'over-cap'],
    ] as const) {
      const cell = cellOf([contributionOf({ id: 'a' })])
      cell.byteBound = maximumCellBytes - growthBytes + missingBytes
      expect(fold(departures, cell, contributionOf({ id: 'b', destination: 'BOS' }))).toBe(result)
    }
  })

  test('no encoding takes more bytes than the bound, and an event never lowers it', () => {
    fc.assert(
      fc.property(anyContributions, (events) => {
        const cell = emptyCell({ ...departures, maximumGroups: 1_000 }, address, incarnation, true)
        for (const event of events) {
          const boundBefore = cell.byteBound
          fold({ ...departures, maximumGroups: 1_000 }, cell, event)
          expect(cell.byteBound).toBeGreaterThan(boundBefore)
          cell.version = Number.MAX_SAFE_INTEGER
          expect(encodeCell(cell).length).toBeLessThanOrEqual(cell.byteBound)
        }
      }),
      { numRuns: 200 },
    )
  })
})

test('merging with no group is the group, and changes neither', () => {
  const { states } = contributionOf({ miles: 5 })
  expect(mergeStates(departures, undefined, states)).toBe(states)
  const before = structuredClone(states)
  expect(mergeStates(departures, states, states)).toEqual([2, [10, 2], 10, [5]])
  expect(states).toEqual(before)
})
