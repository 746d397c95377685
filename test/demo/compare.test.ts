import { describe, expect, it } from 'vitest'
import { compare, type ReadRow } from '../../demo/compare.ts'
import { type EstimateBound, groupName, type Values } from '../../demo/recount.ts'

const windowStart = 1_760_000_040_000
const values = {
  departures: 2,
  meanDelay: 1.5,
  delays: [
    { to: 0, count: 1 },
    { from: 0, count: 1 },
  ],
}

function rowWith(row: Partial<ReadRow> = {}): ReadRow {
  return { key: 'JFK', windowStart, values, complete: true, lossy: false, ...row }
}

const groups = {
  origin: new Map<string, Values>([
    [groupName(windowStart, 'JFK'), values],
    [groupName(windowStart, ['JFK', 'LAX']), values],
  ]),
}
const asCounted = [rowWith(), rowWith({ key: ['JFK', 'LAX'] })]

function mismatches(origin: readonly ReadRow[]): readonly string[] {
  return compare({ origin }, { groups, estimates: {} }).mismatches
}

it('finds nothing where both sides agree', () => {
  expect(compare({ origin: asCounted }, { groups, estimates: {} })).toEqual({ mismatches: [], estimates: {} })
})

describe('finds', () => {
  it.each<[string, object, string]>([
    ['off by one', { departures: 3 }, 'departures is 3, counted 2'],
    [
      'off in the last bit',
      { meanDelay: 1.5000000000000002 },
      'meanDelay is 1.5000000000000002, counted 1.5',
    ],
    ['that is a text', { departures: '2' }, 'departures is "2", counted 2'],
    ['that is missing', { departures: undefined }, 'departures is missing, counted 2'],
    [
      'that is off within a list',
      { delays: [values.delays[0], { from: 0, count: 2 }] },
      'delays is [{"to":0,"count":1},{"from":0,"count":2}], counted [{"to":0,"count":1},{"from":0,"count":1}]',
    ],
    ['that nobody recounted', { more: 1 }, 'more was read back and not recounted'],
  ])('a value %s', (_what, wrong, line) => {
    const row = rowWith({ values: { ...values, ...wrong } })
    expect(mismatches([row, ...asCounted.slice(1)])).toEqual([`origin ${windowStart} "JFK": ${line}`])
  })

  it('a group that was not read back', () => {
    const name = `origin ${windowStart} ["JFK","LAX"]`
    expect(mismatches(asCounted.slice(0, 1))).toEqual([`${name}: not read back`])
  })

  it.each([
    ['another key', rowWith({ key: 'ORD' }), 'origin 1760000040000 "ORD": read back, never sent'],
    [
      'another window',
      rowWith({ windowStart: windowStart + 60_000 }),
      'origin 1760000100000 "JFK": read back, never sent',
    ],
  ])('a group that was never sent: %s', (_what, row, line) => {
    expect(mismatches([...asCounted, row])).toEqual([line])
  })

  it.each([{ complete: false }, { lossy: true }])('a row that says that it may be wrong: %j', (row) => {
    expect(mismatches([rowWith(row), ...asCounted.slice(1)])).toEqual([
      `origin ${windowStart} "JFK": read back incomplete or after a loss`,
    ])
  })

  it('a group that was read back twice', () => {
    expect(mismatches([...asCounted, rowWith()])).toEqual([`origin ${windowStart} "JFK": read back twice`])
  })

  it('every group, where nothing or no such grouping was read back', () => {
    expect(mismatches([])).toHaveLength(2)
    expect(compare({}, { groups, estimates: {} }).mismatches).toHaveLength(2)
  })
})

/** Compares one value that is an estimate. */
function compareEstimate(bound: EstimateBound, read: unknown, counted: unknown): ReturnType<typeof compare> {
  const row = rowWith({ values: { estimate: read } })
  const recounted = new Map<string, Values>([[groupName(windowStart, 'JFK'), { estimate: counted }]])
  return compare({ origin: [row] }, { groups: { origin: recounted }, estimates: { estimate: bound } })
}

describe('quantiles', () => {
  const bound: EstimateBound = { kind: 'quantiles', relativeError: 0.01 }
  const counted = { p50: 100, p99: -200 }

  it('may be off by their relative error, of which the worst is told', () => {
    const { mismatches: lines, estimates } = compareEstimate(bound, { p50: 101, p99: -199 }, counted)
    expect(lines).toEqual([])
    expect(estimates['estimate']).toEqual({ compared: 2, estimates: 2, worstError: 0.01 })
  })

  it.each<[string, unknown, unknown]>([
    ['off by more', { p50: 101.1, p99: -200 }, counted],
    ['of the other sign', { p50: 100, p99: 200 }, counted],
    ['not zero where zero is right', { p50: 1e-9 }, { p50: 0 }],
    ['under other names', { p50: 100, p98: -200 }, counted],
    ['fewer', { p50: 100 }, counted],
    ['missing', undefined, counted],
    ['texts', { p50: '100', p99: '-200' }, counted],
  ])('are wrong where they are %s', (_what, read, exact) => {
    expect(compareEstimate(bound, read, exact).mismatches).toHaveLength(1)
  })
})

describe('distinct counts', () => {
  const bound: EstimateBound = { kind: 'distinct', exactUpTo: 95, standardError: 0.02 }

  it.each([
    [95, 95, { compared: 1, estimates: 0, worstError: 0 }],
    [100, 100, { compared: 1, estimates: 1, worstError: 0 }],
    [108, 100, { compared: 1, estimates: 1, worstError: 0.08 }],
    [92, 100, { compared: 1, estimates: 1, worstError: 0.08 }],
  ])('%d is right of %d', (read, counted, estimate) => {
    const { mismatches: lines, estimates } = compareEstimate(bound, read, counted)
    expect(lines).toEqual([])
    expect(estimates['estimate']).toEqual(estimate)
  })

  it.each<[unknown, number]>([
    [94, 95],
    [109, 100],
    [91, 100],
    ['100', 100],
    [undefined, 100],
  ])('%j is wrong of %d', (read, counted) => {
    expect(compareEstimate(bound, read, counted).mismatches).toHaveLength(1)
  })
})
