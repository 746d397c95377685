import { expect, it } from 'vitest'
import type { Row } from '../../consumers/engine/read.ts'
import { rowsAsTable } from '../../query/table.ts'
import { rowWith } from './rows.ts'

/** The table of rows whose measures have these kinds, and are counts where nothing is said. */
function tableOf(
  rows: readonly Row<string, unknown>[],
  kinds: Readonly<Record<string, string>> = {},
): string[] {
  const names = Object.keys(rows[0]?.values ?? {})
  const measures = names.map((name) => ({ name, kind: kinds[name] ?? 'count' }))
  return rowsAsTable(measures, rows).split('\n')
}

/** What the table shows of one measure, in rows of these results. */
function shown(kind: string, ...results: readonly unknown[]): string[] {
  const lines = tableOf(
    results.map((result) => rowWith({ values: { it: result } })),
    { it: kind },
  )
  return lines.slice(1).map((line) => line.slice('2026-05-01T12:30Z  JFK   '.length).trim())
}

/** A histogram of delays up to the minute, to 15 minutes, and above. */
const counts = (...[below, within, above]: number[]): unknown => [
  { from: undefined, to: 0, count: below },
  { from: 0, to: 15, count: within },
  { from: 15, to: undefined, count: above },
]

it('has a line a row, texts to the left, numbers to the right, and no space at the end of a line', () => {
  const rows = [
    rowWith({ values: { departures: 7, carrier: 'AA', meanDelay: -12.3456 } }),
    rowWith({ key: ['LAX', 'O|D'], values: { departures: 12_345, carrier: 'Delta', meanDelay: 3 } }),
  ]
  expect(tableOf(rows, { meanDelay: 'mean', carrier: 'last' })).toEqual([
    'window             origin    departures  carrier  meanDelay',
    '2026-05-01T12:30Z  JFK                7  AA          -12.35',
    String.raw`2026-05-01T12:30Z  LAX|O\|D       12345  Delta         3.00`,
  ])
})

it('has the seconds of windows that do not start on the minute', () => {
  const [, line] = tableOf([rowWith({ windowStart: Date.UTC(2026, 4, 1, 12, 30, 15) })])
  expect(line).toMatch(/^2026-05-01T12:30:15Z /)
})

it.each([
  [{}, ''],
  [{ final: false }, 'open until 13:30:10Z'],
  [{ final: false, closesAt: Date.UTC(2026, 4, 2) }, 'open until 2026-05-02T00:00Z'],
  [{ complete: false }, 'incomplete'],
  [{ lossy: true }, 'lossy'],
  [{ final: false, complete: false, lossy: true }, 'open until 13:30:10Z, incomplete, lossy'],
])('says of a row what may be wrong about it: %j', (row, remark) => {
  const [, line] = tableOf([rowWith(row)])
  expect(line).toBe(`2026-05-01T12:30Z  JFK              1${remark && `  ${remark}`}`)
})

it('writes sums in full, whatever their size, and a dash where there is no value', () => {
  expect(shown('sum', 9_007_199_254_740_993n, 5, undefined)).toEqual(['9007199254740993', '5', '-'])
})

it.each([
  ['sum:2', [9_007_199_254_740.91, 12.5, 3], ['9007199254740.91', '12.50', '3.00']],
  ['sum:2', ['90071992547409920.10', 0.07], ['90071992547409920.10', '0.07']],
  ['sum:18', [0.000000123456789], ['1.23456789e-7']],
  ['max', [0.123456789, 2], ['0.123456789', '2.000000000']],
])('writes each digit of a %s of %j', (kind, results, texts) => {
  expect(shown(kind, ...results)).toEqual(texts)
})

it.each([
  ['mean', [10 / 3, 100], ['3.33', '100.00']],
  ['mean', [1_000, 3], ['1000', '3']],
  ['mean:2', [1 / 3, undefined], ['0.333', '-']],
  ['sample-variance', [2_000 / 3], ['666.67']],
  ['standard-deviation', [Math.SQRT2], ['1.41']],
  ['["ratio","count","count"]', [0.0123456, 0], ['0.0123', '0.0000']],
  ['["ratio","count","count"]', [1e-12, 0.5], ['0.000000', '0.500000']],
])('rounds a %s of %j, but not so far that nothing is left', (kind, results, texts) => {
  expect(shown(kind, ...results)).toEqual(texts)
})

it('gives quantiles a column each, with dashes where there were no events', () => {
  const rows = [
    rowWith({ values: { delays: { p50: 7.123, p99: 41.9 } } }),
    rowWith({ key: 'LAX', values: { delays: undefined } }),
  ]
  expect(tableOf(rows, { delays: 'quantiles(0.01,1024)' })).toEqual([
    'window             origin  delays.p50   .p99',
    '2026-05-01T12:30Z  JFK           7.12  41.90',
    '2026-05-01T12:30Z  LAX              -      -',
  ])
})

it('says of a histogram which ranges hold how many, in one column', () => {
  expect(shown('histogram:0,15', counts(2, 0, 3), counts(0, 1, 0), counts(0, 0, 0))).toEqual([
    '<0: 2, >=15: 3',
    '0..15: 1',
    '-',
  ])
})

it('shows a hashed key by the text by which it can be asked for', () => {
  const key = String.raw`\#${'a'.repeat(43)}`
  expect(tableOf([rowWith({ key })])[1]).toContain(`  ${key}  `)
})

it('lets no key break a line or command a terminal', () => {
  const [, line, ...others] = tableOf([rowWith({ key: 'a\n\u001b[2J\u009bb' })])
  expect(line).toContain(String.raw`  a\u000a\u001b[2J\u009bb  `)
  expect(others).toEqual([])
})

it('says that there is nothing, which is not the same as a zero', () => {
  expect(tableOf([])).toEqual(['no events in these windows'])
})
