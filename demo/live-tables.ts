import type { LocalStack } from '../local/main.ts'
import { runFile } from './processes.ts'
import { hasTables } from './status.ts'

/** With the orders and the status they fit a terminal of 24 lines. */
const shownGroups = 8
const columnGap = 2
const minimumColumn = 5
const minuteMs = 60_000

/** Reads a grouping of a pipeline back through the query command. */
type Read = <Values>(
  pipeline: string,
  grouping: string,
  options: readonly string[],
) => Promise<ShownRow<Values>[]>

/** The lines of the live demo's tables: the busiest airports of the last minute, and the orders that there are. */
export async function liveTables(
  stack: LocalStack,
  { startedMs, signal }: { readonly startedMs: number; readonly signal: AbortSignal },
): Promise<string[]> {
  const read = async <Values>(
    pipeline: string,
    grouping: string,
    options: readonly string[],
  ): Promise<ShownRow<Values>[]> => {
    const args = [pipeline, '--group', grouping, ...options, '--json']
    const json = await runFile('query/query.ts', args, { environment: stack.environment, signal })
    return JSON.parse(json) as ShownRow<Values>[]
  }
  const airports = await busiestAirports(read)
  return hasTables(stack) ? [...airports, ...(await ordersByStatus(read, startedMs))] : airports
}

/** A row of the query command's, of the measures that are shown. */
interface ShownRow<Values> {
  readonly key: string
  readonly windowStart: number
  readonly values: Values
}

interface FlightValues {
  readonly departures: number
  readonly distance: number
  readonly meanDelay: number
  readonly worstDelay: number
  readonly delayQuantiles: { readonly p90: number }
  readonly destinations: number
}

async function busiestAirports(read: Read): Promise<string[]> {
  const lastMinute = ['--from', String(Date.now() - minuteMs)]
  const [rows, punctuality] = await Promise.all([
    read<FlightValues>('flights', 'origin', lastMinute),
    read<{ readonly lateShare: number }>('punctuality', 'airport', lastMinute),
  ])
  const newest = Math.max(...rows.map(({ windowStart }) => windowStart))
  const shown = rows
    .filter(({ windowStart }) => windowStart === newest)
    .sort((a, b) => b.values.departures - a.values.departures)
    .slice(0, shownGroups)
  if (shown.length === 0) return []
  // Of the windows that end with the shown minute's.
  const lateShares = new Map(
    punctuality
      .filter(({ windowStart }) => windowStart === newest - 4 * minuteMs)
      .map(({ key, values }) => [key, values.lateShare]),
  )
  const header = ['airport', 'departures', 'to', 'miles', 'mean delay', '90 % below', 'worst', 'late, 5 min']
  const lines = shown.map(({ key, values }) => [
    key,
    String(values.departures),
    String(values.destinations),
    String(values.distance),
    values.meanDelay.toFixed(1),
    values.delayQuantiles.p90.toFixed(0),
    String(values.worstDelay),
    inPercent(lateShares.get(key)),
  ])
  const from = new Date(newest).toISOString().slice(11, 16)
  return [`departures of the minute from ${from} UTC`, ...inColumns([header, ...lines]), '']
}

/** An airport of which nobody flies far enough has no share. */
function inPercent(share: number | undefined): string {
  return share === undefined ? '-' : `${(100 * share).toFixed(0)} %`
}

/** The first column to the left, numbers to the right, each column as wide as its widest cell. */
function inColumns(rows: readonly (readonly string[])[]): string[] {
  const widthOf = (column: number): number =>
    Math.max(minimumColumn, ...rows.map((row) => row[column]?.length ?? 0))
  const widths = rows[0]?.map((_, column) => widthOf(column)) ?? []
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join(' '.repeat(columnGap)),
  )
}

interface OrderValues {
  readonly lines: number
  readonly pieces: number
  readonly sales: number
  readonly profit: number
}

/** The table was empty when the demo began, so the sum over all windows since then is what is in it. */
async function ordersByStatus(read: Read, startedMs: number): Promise<string[]> {
  const rows = await read<OrderValues>('orders', 'status', ['--from', String(startedMs), '--total'])
  const lines = rows.map(({ key, values: { lines: count, pieces, sales, profit } }) => [
    key,
    String(count),
    String(pieces),
    sales.toFixed(2),
    profit.toFixed(2),
  ])
  const header = ['orders', 'lines', 'pieces', 'sales', 'profit']
  return ['order lines in the table', ...inColumns([header, ...lines]), '']
}
