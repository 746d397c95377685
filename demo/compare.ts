import { groupName, type Values } from './recount.ts'

/** A row as `npm run query` prints it. */
export interface ReadRow {
  readonly key: string | readonly string[]
  readonly windowStart: number
  readonly values: Values
  readonly complete: boolean
  readonly lossy: boolean
}

/**
 * Compares what was read back with the recount: every value of every group, groups that only one side has, and rows
 * that say of themselves that they may be wrong. One line for each difference.
 */
export function differences(
  grouping: string,
  rows: readonly ReadRow[],
  expected: ReadonlyMap<string, Values>,
): string[] {
  const found = new Map<string, ReadRow>()
  const lines: string[] = []
  for (const row of rows) {
    const name = groupName(row.windowStart, row.key)
    if (found.has(name)) lines.push(`${grouping} ${name}: read back twice`)
    found.set(name, row)
  }
  for (const [name, values] of expected) {
    const row = found.get(name)
    if (row === undefined) {
      lines.push(`${grouping} ${name}: not read back`)
      continue
    }
    if (!row.complete || row.lossy) lines.push(`${grouping} ${name}: read back incomplete or after a loss`)
    for (const [measure, value] of Object.entries(values)) {
      const read: unknown = row.values[measure as keyof Values]
      if (read !== value)
        lines.push(`${grouping} ${name}: ${measure} is ${String(read)}, counted ${String(value)}`)
    }
  }
  for (const name of found.keys()) {
    if (!expected.has(name)) lines.push(`${grouping} ${name}: read back, never sent`)
  }
  return lines
}
