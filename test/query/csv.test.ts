import { expect, it } from 'vitest'
import { rowsAsCsv } from '../../query/csv.ts'
import { rowWith } from './rows.ts'

const { values: _values, ...common } = rowWith()
const start = '2026-05-01T12:30:00.000Z,2026-05-01T12:31:00.000Z'
const end = 'true,false,true,2026-05-01T13:30:10.000Z,2026-05-01T14:30:00.000Z'

function valuesOf(values: Record<string, unknown>): string[] {
  const [header = '', line = ''] = rowsAsCsv('origin', Object.keys(values), [{ ...common, values }]).split(
    '\r\n',
  )
  expect(header.startsWith('windowStart,windowEnd,origin,')).toBe(true)
  expect(header.endsWith(',complete,lossy,final,closesAt,asOf')).toBe(true)
  expect(line.startsWith(`${start},JFK,`)).toBe(true)
  expect(line.endsWith(`,${end}`)).toBe(true)
  return line.slice(start.length + 5, -end.length - 1).split(',')
}

it('has a header and a line a row, with ISO times, lines ended by CR LF, and none after the last', () => {
  const open = rowWith({ key: 'LAX', complete: false, lossy: true, final: false })
  expect(rowsAsCsv('origin', ['departures'], [rowWith(), open])).toBe(
    [
      'windowStart,windowEnd,origin,departures,complete,lossy,final,closesAt,asOf',
      `${start},JFK,1,${end}`,
      `${start},LAX,1,${end.replace('true,false,true', 'false,true,false')}`,
    ].join('\r\n'),
  )
})

it('has its header without rows too, so that whoever reads it need not tell the cases apart', () => {
  expect(rowsAsCsv('origin', ['departures'], [])).toBe(
    'windowStart,windowEnd,origin,departures,complete,lossy,final,closesAt,asOf',
  )
})

it.each([
  ['a,b', '"a,b"'],
  ['say "hi"', '"say ""hi"""'],
  ['two\nlines', '"two\nlines"'],
  ['carriage\rreturn', '"carriage\rreturn"'],
  ['', '""'],
  [' plain ', ' plain '],
  [['JFK', 'O|D'], String.raw`JFK|O\|D`],
  [String.raw`\#${'a'.repeat(43)}`, String.raw`\#${'a'.repeat(43)}`],
])('writes the key %j so that it is read back as it was', (key, field) => {
  const [, line] = rowsAsCsv('origin', [], [rowWith({ key })]).split('\r\n')
  expect(line).toBe(`${start},${field},${end}`)
})

it('quotes headings as well', () => {
  expect(rowsAsCsv('a,b', [], [])).toContain(',"a,b",')
})

it('writes every digit, and tells nothing from an empty text', () => {
  expect(
    valuesOf({
      mean: 10 / 3,
      large: 9_007_199_254_740_993n,
      decimals: '12.50',
      none: undefined,
      empty: '',
      zero: 0,
    }),
  ).toEqual(['3.3333333333333335', '9007199254740993', '12.50', '', '""', '0'])
})

it('has a column for each part of a nested result, of all rows alike', () => {
  const rows = [
    rowWith({ values: { delays: undefined, miles: 3 } }),
    rowWith({ values: { delays: { p50: 7, p99: 40.5 }, miles: 4 } }),
  ]
  const lines = rowsAsCsv('origin', ['delays', 'miles'], rows).split('\r\n')
  expect(lines.map((line) => line.split(',').slice(3, 6))).toEqual([
    ['delays.p50', 'delays.p99', 'miles'],
    ['', '', '3'],
    ['7', '40.5', '4'],
  ])
})

it('has a column for each range of a histogram', () => {
  const delays = [
    { from: undefined, to: -5, count: 1 },
    { from: -5, to: 15, count: 20 },
    { from: 15, to: undefined, count: 0 },
  ]
  const lines = rowsAsCsv('origin', ['delays'], [rowWith({ values: { delays } })]).split('\r\n')
  expect(lines.map((line) => line.split(',').slice(3, 6))).toEqual([
    ['delays.<-5', 'delays.-5..15', 'delays.>=15'],
    ['1', '20', '0'],
  ])
})

it('keeps the column of a measure that has no value in any row', () => {
  const [header] = rowsAsCsv('origin', ['delays'], [rowWith({ values: { delays: undefined } })]).split('\r\n')
  expect(header).toContain(',origin,delays,complete,')
})
