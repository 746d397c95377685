import type { Row } from '../consumers/engine/read.ts'
import { keyText } from '../consumers/engine/read-plan.ts'
import { type Column, columnsOf, type Scalar } from './columns.ts'

/**
 * Rows as CSV by RFC 4180, with a header, also where there are none, and no break after the last line. Numbers are
 * exact, times ISO 8601; what has no value is empty, and an empty text is quoted.
 */
export function rowsAsCsv(
  grouping: string,
  measures: readonly string[],
  rows: readonly Row<string, unknown>[],
): string {
  const columns: Column[] = [
    { heading: 'windowStart', values: rows.map((row) => time(row.windowStart)) },
    { heading: 'windowEnd', values: rows.map((row) => time(row.windowEnd)) },
    { heading: grouping, values: rows.map((row) => keyText(row.key)) },
    ...columnsOf(rows, measures),
    { heading: 'complete', values: rows.map((row) => row.complete) },
    { heading: 'lossy', values: rows.map((row) => row.lossy) },
    { heading: 'final', values: rows.map((row) => row.final) },
    { heading: 'closesAt', values: rows.map((row) => time(row.closesAt)) },
    { heading: 'asOf', values: rows.map((row) => time(row.asOf)) },
  ]
  const header = columns.map(({ heading }) => field(heading))
  const lines = rows.map((_, row) => columns.map(({ values }) => field(values[row])))
  return [header, ...lines].map((line) => line.join(',')).join('\r\n')
}

function field(value: Scalar): string {
  if (value === undefined) return ''
  const text = String(value)
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function time(epochMs: number): string {
  return new Date(epochMs).toISOString()
}
