import { describe, expect, it } from 'vitest'
import { differences, type ReadRow } from '../../demo/compare.ts'
import { groupName, type Values } from '../../demo/recount.ts'

const windowStart = 1_760_000_040_000
const values: Values = { departures: 2, distance: 300, meanDelay: 1.5, bestDelay: -2, worstDelay: 5 }

function rowWith(row: Partial<ReadRow> = {}): ReadRow {
  return { key: 'JFK', windowStart, values, complete: true, lossy: false, ...row }
}

const expected = new Map([
  [groupName(windowStart, 'JFK'), values],
  [groupName(windowStart, ['JFK', 'LAX']), values],
])
const asExpected = [rowWith(), rowWith({ key: ['JFK', 'LAX'] })]

it('finds nothing where both sides agree', () => {
  expect(differences('origin', asExpected, expected)).toEqual([])
})

describe('finds', () => {
  it.each(['departures', 'distance', 'meanDelay', 'bestDelay', 'worstDelay'] as const)(
    'a value that is off by one: %s',
    (measure) => {
      const wrong = rowWith({ values: { ...values, [measure]: values[measure] + 1 } })
      expect(differences('origin', [wrong, ...asExpected.slice(1)], expected)).toEqual([
        `origin ${windowStart} "JFK": ${measure} is ${values[measure] + 1}, counted ${values[measure]}`,
      ])
    },
  )

  it('a value that is a text or missing', () => {
    const { distance, ...others } = values
    const wrong = JSON.parse(JSON.stringify(rowWith({ values: { ...others, distance: 0 } }))) as ReadRow
    Object.assign(wrong.values, { distance: String(distance), departures: null })
    expect(differences('origin', [wrong, ...asExpected.slice(1)], expected)).toHaveLength(2)
  })

  it('a group that was not read back', () => {
    expect(differences('route', asExpected.slice(0, 1), expected)).toEqual([
      `route ${windowStart} ["JFK","LAX"]: not read back`,
    ])
  })

  it.each([
    ['another key', rowWith({ key: 'ORD' }), 'origin 1760000040000 "ORD": read back, never sent'],
    [
      'another window',
      rowWith({ windowStart: windowStart + 60_000 }),
      'origin 1760000100000 "JFK": read back, never sent',
    ],
  ])('a group that was never sent: %s', (_what, row, line) => {
    expect(differences('origin', [...asExpected, row], expected)).toEqual([line])
  })

  it.each([{ complete: false }, { lossy: true }])('a row that says that it may be wrong: %j', (row) => {
    expect(differences('origin', [rowWith(row), ...asExpected.slice(1)], expected)).toEqual([
      `origin ${windowStart} "JFK": read back incomplete or after a loss`,
    ])
  })

  it('a group that was read back twice', () => {
    expect(differences('origin', [...asExpected, rowWith()], expected)).toEqual([
      `origin ${windowStart} "JFK": read back twice`,
    ])
  })

  it('every group, where nothing was read back', () => {
    expect(differences('origin', [], expected)).toHaveLength(2)
  })
})
