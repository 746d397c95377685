import { expect, it } from 'vitest'
import type { Row } from '../../consumers/engine/read.ts'
import { rowsAsTable } from '../../query/table.ts'

function rowWith(row: Partial<Row<string, unknown>>): Row<string, unknown> {
  const windowStart = Date.UTC(2026, 4, 1, 12, 30)
  return {
    grouping: 'origin',
    key: 'JFK',
    windowStart,
    windowEnd: windowStart + 60_000,
    values: { departures: 1 },
    complete: true,
    lossy: false,
    final: true,
    closesAt: windowStart + 3_600_000,
    asOf: windowStart + 7_200_000,
    ...row,
  }
}

it('has a line a row, texts to the left, numbers to the right, and no space at the end of a line', () => {
  const rows = [
    rowWith({ values: { departures: 7, meanDelay: -12.3456 } }),
    rowWith({ key: ['LAX', 'O|D'], values: { departures: 12_345, meanDelay: 3 } }),
  ]
  expect(rowsAsTable(rows).split('\n')).toEqual([
    'window             origin    departures  meanDelay',
    '2026-05-01T12:30Z  JFK                7     -12.35',
    String.raw`2026-05-01T12:30Z  LAX|O\|D       12345          3`,
  ])
})

it('has the seconds of windows that do not start on the minute', () => {
  expect(rowsAsTable([rowWith({ windowStart: Date.UTC(2026, 4, 1, 12, 30, 15) })])).toContain(
    '2026-05-01T12:30:15.000Z',
  )
})

it.each([
  [{}, ''],
  [{ final: false }, 'open'],
  [{ complete: false }, 'incomplete'],
  [{ lossy: true }, 'lossy'],
  [{ final: false, complete: false, lossy: true }, 'open, incomplete, lossy'],
])('says of a row what may be wrong about it: %j', (row, remark) => {
  const [, line] = rowsAsTable([rowWith(row)]).split('\n')
  expect(line).toBe(`2026-05-01T12:30Z  JFK              1${remark && `  ${remark}`}`)
})

it('writes sums beyond 2^53 in full, and a dash where there is no value', () => {
  const table = rowsAsTable([rowWith({ values: { sum: 9_007_199_254_740_993n, least: undefined } })])
  expect(table.split('\n')[1]).toBe('2026-05-01T12:30Z  JFK     9007199254740993      -')
})

it('says that there is nothing, which is not the same as a zero', () => {
  expect(rowsAsTable([])).toBe('no events in these windows')
})
