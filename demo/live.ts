import { clearScreenDown, moveCursor } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import type { LocalStack } from '../local/main.ts'
import { runFile } from './processes.ts'
import { hasTables, pipelineMetric, statusLines, statusOf } from './status.ts'

/** A second. */
const sent = { records: 200, changes: 50 }
const statusIntervalMs = 1_000
const lookIntervalMs = 50
/** Between two readings of the results: each is two processes. */
const readIntervalMs = 3_000
const shownGroups = 12
const minuteMs = 60_000

/**
 * Sends flights, and writes orders where there is a table for them, at a steady rate until `signal` aborts, and shows what becomes of them: in a terminal the busiest
 * airports of the last minute, read back through the query command, above a line about the stack; otherwise that line
 * alone, once a second.
 */
export async function showLive(stack: LocalStack, signal: AbortSignal): Promise<void> {
  const showing = new AbortController()
  const either = AbortSignal.any([signal, showing.signal])
  const startedMs = Date.now()
  let before = 0
  let groups: string[] = []
  let shownLines = 0
  let shownMs = startedMs

  const timer = setInterval(() => {
    // The first result is shown when it is there.
    const isFirst = before === 0 && pipelineMetric(stack, 'flights', 'Counted') > 0
    if (!isFirst && Date.now() - shownMs < statusIntervalMs) return
    shownMs = Date.now()
    const status = statusOf(stack)
    const elapsed = ((Date.now() - startedMs) / 1_000).toFixed(0)
    const [counts, health] = statusLines(status, before)
    before = status.counted
    if (!process.stdout.isTTY) {
      console.log(`${elapsed.padStart(5)} s  ${counts}, ${health}`)
      return
    }
    moveCursor(process.stdout, 0, -shownLines)
    clearScreenDown(process.stdout)
    const lines = [...groups, `${elapsed} s  ${counts}`, health].map((text) =>
      text.slice(0, process.stdout.columns - 1),
    )
    process.stdout.write(`${lines.join('\n')}\n`)
    shownLines = lines.length
  }, lookIntervalMs)

  const reading = process.stdout.isTTY
    ? repeatedly(either, async () => {
        groups = await busiestAirports(stack, either)
      })
    : Promise.resolve()
  try {
    await Promise.all(
      producersOf(stack).map((args) =>
        runFile('producers/produce.ts', args, { environment: stack.environment, signal }),
      ),
    )
    if (!signal.aborted) console.error('all 3,000,000 departures are sent')
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    clearInterval(timer)
    showing.abort()
    await reading
  }
}

function producersOf(stack: LocalStack): string[][] {
  const stream = stack.outputs['FlightsStreamName'] ?? ''
  const table = stack.outputs['OrdersTableName'] ?? ''
  const flights = ['flights', '--stream', stream, '--rate', String(sent.records), '--duplicates', '5%']
  const orders = ['orders', '--table', table, '--rate', String(sent.changes)]
  return hasTables(stack) ? [flights, orders] : [flights]
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

async function busiestAirports(stack: LocalStack, signal: AbortSignal): Promise<string[]> {
  const nowMs = Date.now()
  const read = async <Values>(pipeline: string, grouping: string): Promise<ShownRow<Values>[]> => {
    const args = [pipeline, '--group', grouping, '--from', String(nowMs - minuteMs), '--json']
    const json = await runFile('query/query.ts', args, { environment: stack.environment, signal })
    return JSON.parse(json) as ShownRow<Values>[]
  }
  const [rows, punctuality] = await Promise.all([
    read<FlightValues>('flights', 'origin'),
    read<{ readonly lateShare: number }>('punctuality', 'airport'),
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
  return [`departures of the minute from ${from} UTC`, ...[header, ...lines].map(inColumns), '']
}

/** An airport of which nobody flies far enough has no share. */
function inPercent(share: number | undefined): string {
  return share === undefined ? '-' : `${(100 * share).toFixed(0)} %`
}

function inColumns([airport = '', ...numbers]: readonly string[]): string {
  return [airport.padEnd(8), ...numbers.map((number) => number.padStart(13))].join('')
}

/** Runs `task` again and again, with pauses, until `signal` aborts. A reading that fails is tried again. */
async function repeatedly(signal: AbortSignal, task: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await task().catch((error: unknown) => {
      if (!signal.aborted) console.error(error instanceof Error ? error.message : String(error))
    })
    await setTimeout(readIntervalMs, undefined, { signal }).catch(() => undefined)
  }
}
