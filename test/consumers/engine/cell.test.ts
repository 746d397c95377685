import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Cell,
  cellAddress,
  type CellLimits,
  cellLimits,
  emptyCell,
  eventCount,
  fold,
  groupByteBound,
  mergeStates,
  segmentAddress,
  segmentsFor,
} from '../../../consumers/engine/cell.ts'
import { decodeCell, encodeCell } from '../../../consumers/engine/codec.ts'
import type { Arrival } from '../../../consumers/engine/evaluate.ts'
import { idBytes } from '../../../consumers/engine/id-set.ts'
import { definePipeline, minutes, sum, tumbling } from '../../../consumers/engine/pipeline.ts'
import { address, anyContributions, cellOf, incarnation } from './cells.ts'
import {
  contributionOf,
  departure,
  departures,
  departureSchema,
  paneStartMs,
  position,
} from './departures.ts'

/** What a head is taken to need besides its groups, ids and segments' names. */
const fixedBytes = 512

interface Named {
  readonly name: string
  readonly fingerprint: string
  readonly paneStartMs: number
  readonly bucket: number
}

/** What of a cell an event may change. */
function contentOf({ groups, active, segments, groupBytes }: Cell): unknown {
  return structuredClone({ groups, ids: [...active], segments, groupBytes })
}

const roomy = { ...departures, maximumGroups: 1_000 }

function arrivalOf(index: number): Arrival {
  const place = { ...position, sequenceNumber: `${index}` }
  return { position: place, partitionKey: 'JFK', arrivalMs: paneStartMs }
}

/** Limits by which a head with one group of each grouping is full at so many active ids. */
function fullAt({ groupBytes }: Cell, activeIds: number): CellLimits {
  return { ...cellLimits, headBytes: fixedBytes + groupBytes + activeIds * idBytes }
}

describe('address', () => {
  test('cells that differ in pipeline, definition, pane or bucket have different addresses', () => {
    const named: fc.Arbitrary<Named> = fc.record({
      name: fc.stringMatching(/^[a-z][a-z0-9]{0,2}(-[a-z0-9]{1,2})?$/),
      fingerprint: fc.stringMatching(/^[0-9a-f]{1,3}$/),
      paneStartMs: fc.integer({ min: -100, max: 100 }),
      bucket: fc.nat(20),
    })
    const addressOf = ({ name, fingerprint, bucket, ...pane }: Named): string =>
      cellAddress({ ...departures, name, fingerprint }, pane.paneStartMs, bucket)
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
    expect(departures.measures.map(({ name }) => name)).toEqual([
      'departures',
      'meanMiles',
      'miles',
      'mostMiles',
    ])
    expect(cell.groups[0]?.get('JFK')).toEqual([2, [4_950, 2], 4_950, [2_475]])
    expect([...cell.active]).toEqual([contributionOf({ id: 'a' }).id, contributionOf({ id: 'b' }).id])
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
    const limits = fullAt(cell, 2)
    const before = contentOf(cell)
    expect(fold(departures, cell, contributionOf({ id: 'b', destination: 'BOS' }), limits)).toBe('over-cap')
    expect(contentOf(cell)).toEqual(before)
    expect(fold(departures, cell, contributionOf({ id: 'b' }), limits)).toBe('folded')
    expect(fold(departures, cell, contributionOf({ id: 'c' }), limits)).toBe('over-cap')
    expect(fold(departures, cell, contributionOf({ id: 'a' }), limits)).toBe('duplicate')
    expect(cell.active.size).toBe(2)
  })

  test('an event with a new group fits up to the last byte', () => {
    const { shares } = contributionOf({ destination: 'BOS' })
    const growthBytes =
      idBytes + groupByteBound(departures.keptMeasures[1] ?? [], 'JFK|BOS', shares[1]?.[0]?.states ?? [])
    for (const [missingBytes, result] of [
      [0, 'folded'],
      [1, 'over-cap'],
    ] as const) {
      const cell = cellOf([contributionOf({ id: 'a' })])
      const { headBytes } = fullAt(cell, 1)
      const limits = { ...cellLimits, headBytes: headBytes + growthBytes - missingBytes }
      expect(fold(departures, cell, contributionOf({ id: 'b', destination: 'BOS' }), limits)).toBe(result)
    }
  })

  test('no head takes more bytes than what was held against the limit', () => {
    fc.assert(
      fc.property(anyContributions, (events) => {
        const cell = emptyCell(roomy, address, incarnation, true)
        for (const event of events) {
          const before = decodeCell(roomy, address, encodeCell(cell))
          fold(roomy, cell, event)
          cell.version = Number.MAX_SAFE_INTEGER
          const headBytes = encodeCell(cell).length
          // So the bound is at least what is encoded: one byte less would have been refused.
          expect(fold(roomy, before, event, { ...cellLimits, headBytes: headBytes - 1 })).toBe('over-cap')
          const bounds = cell.groups.map((groups, grouping) =>
            [...groups].map(([key, states]) =>
              groupByteBound(roomy.keptMeasures[grouping] ?? [], key, states),
            ),
          )
          expect(cell.groupBytes).toBe(bounds.flat().reduce((total, bytes) => total + bytes, 0))
        }
      }),
      { numRuns: 200 },
    )
  })

  test('nor do many groups of long keys, whose headers add up', () => {
    const plain = definePipeline(departureSchema, {
      name: 'plain',
      window: tumbling(minutes(1)),
      groupBy: { origin: (event) => event.origin },
      measures: { miles: sum((event) => event.miles) },
    })
    const events = Array.from({ length: 500 }, (_, index) => {
      const origin = `${index}`.padStart(400, 'o')
      return plain.evaluate(departure({ origin, miles: 2 ** 31 }), arrivalOf(index)).contribute()
    }).filter((event) => event !== undefined)
    const last = events.pop()
    const cell = emptyCell(plain, address, incarnation, false)
    for (const event of events) expect(fold(plain, cell, event)).toBe('folded')
    if (last === undefined) throw new Error('there is no event')
    const before = decodeCell(plain, address, encodeCell(cell))
    expect(fold(plain, cell, last)).toBe('folded')
    const headBytes = encodeCell(cell).length
    expect(fold(plain, before, last, { ...cellLimits, headBytes: headBytes - 1 })).toBe('over-cap')
    // The control: the bound is not far above what is needed.
    expect(fold(plain, before, last, { ...cellLimits, headBytes: headBytes + 2_000 })).toBe('folded')
  })

  test('ids that are going to be sealed need no room in the head, the names of their segments do', () => {
    const limits = { activeIds: 2, segmentIds: 2, headBytes: 0 }
    const nameBytes = 17
    const cell = cellOf(['a', 'b'].map((id) => contributionOf({ id })))
    const third = contributionOf({ id: 'c' })
    const headBytes = fixedBytes + cell.groupBytes + 2 * idBytes + 2 * nameBytes
    expect(fold(departures, cell, third, { ...limits, headBytes: headBytes - 1 })).toBe('over-cap')
    expect(fold(departures, cell, third, { ...limits, headBytes })).toBe('folded')
    const named = { address: segmentAddress(address, incarnation), ids: 2 }
    const another = { ...cellOf(['a', 'b'].map((id) => contributionOf({ id }))), segments: [named] }
    expect(fold(departures, another, third, { ...limits, headBytes: headBytes + nameBytes - 1 })).toBe(
      'over-cap',
    )
    expect(fold(departures, another, third, { ...limits, headBytes: headBytes + nameBytes })).toBe('folded')
    expect(eventCount(another)).toBe(5)
  })
})

test.each([
  [0, 0],
  [1_024, 0],
  [1_025, 1],
  [5_000, 1],
  [5_001, 2],
  [10_001, 3],
])('%d active ids are sealed into %d segments', (ids, segments) => {
  expect(segmentsFor(ids, cellLimits)).toBe(segments)
})

test('merging with no group is the group, and changes neither', () => {
  const [algebras = []] = departures.keptMeasures
  const states = contributionOf({ miles: 5 }).shares[0]?.[0]?.states ?? []
  expect(mergeStates(algebras, undefined, states)).toBe(states)
  const before = structuredClone(states)
  expect(mergeStates(algebras, states, states)).toEqual([2, [10, 2], 10, [5]])
  expect(states).toEqual(before)
})
