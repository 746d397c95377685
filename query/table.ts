import { encodeKey } from '../consumers/engine/keys.ts'
import type { Row } from '../consumers/engine/read.ts'

/** Rows as text in columns, one line a row, times in UTC. A row that is not complete or follows a loss says so. */
export function rowsAsTable(rows: readonly Row<string, unknown>[]): string {
  const [first] = rows
  if (first === undefined) return 'no events in these windows'
  const names = Object.keys(first.values)
  const header = ['window', first.grouping, ...names, '']
  const lines = rows.map((row) => {
    const values = new Map<string, unknown>(Object.entries(row.values))
    return [
      time(row.windowStart),
      encodeKey(row.key),
      ...names.map((name) => text(values.get(name))),
      remarks(row),
    ]
  })
  const table = [header, ...lines]
  const widths = header.map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0)))
  return table
    .map((line) =>
      line
        .map((cell, column) => pad(cell, widths[column] ?? 0, column))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function remarks(row: Row<string, unknown>): string {
  return [row.final ? '' : 'open', row.complete ? '' : 'incomplete', row.lossy ? 'lossy' : '']
    .filter(Boolean)
    .join(', ')
}

function pad(cell: string, width: number, column: number): string {
  return column < 2 ? cell.padEnd(width) : cell.padStart(width)
}

function time(epochMs: number): string {
  return new Date(epochMs).toISOString().replace(/:00\.000Z$/, 'Z')
}

function text(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : value.toFixed(2)
  return typeof value === 'bigint' ? value.toString() : '-'
}
