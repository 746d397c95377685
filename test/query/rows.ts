import type { Row } from '../../consumers/engine/read.ts'

/** A row of one departure in a minute that is closed, but for what a test says. */
export function rowWith(row: Partial<Row<string, unknown>> = {}): Row<string, unknown> {
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
    closesAt: windowStart + 3_610_000,
    asOf: windowStart + 7_200_000,
    ...row,
  }
}
