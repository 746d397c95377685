import { clearScreenDown, moveCursor } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import type { LocalStack } from '../local/main.ts'
import { liveTables } from './live-tables.ts'
import { runFile } from './processes.ts'
import { hasTables, pipelineMetric, statusLines, statusOf } from './status.ts'

/** A second. */
const sent = { records: 200, changes: 50 }
const statusIntervalMs = 1_000
const lookIntervalMs = 50
/** Between two readings of the results: each is two processes. */
const readIntervalMs = 3_000

/**
 * Sends flights, and writes orders where there is a table for them, at a steady rate until `signal` aborts, and shows what becomes of them: in a terminal the busiest
 * airports of the last minute and the orders that there are, read back through the query command, above a line about the stack; otherwise that line
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
    const status = statusOf(stack, Date.now())
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
        groups = await liveTables(stack, { startedMs, signal: either })
      })
    : Promise.resolve()
  try {
    const options = { environment: stack.environment, signal: either }
    const [flights = [], ...others] = producersOf(stack)
    const sendFlights = async (): Promise<void> => {
      await runFile('producers/produce.ts', flights, options)
      if (!signal.aborted) console.error('all 3,000,000 departures are sent')
    }
    await Promise.all([
      sendFlights(),
      ...others.map((args) => runFile('producers/produce.ts', args, options)),
    ])
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

/** Runs `task` again and again, with pauses, until `signal` aborts. A reading that fails is tried again. */
async function repeatedly(signal: AbortSignal, task: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await task().catch((error: unknown) => {
      if (!signal.aborted) console.error(error instanceof Error ? error.message : String(error))
    })
    await setTimeout(readIntervalMs, undefined, { signal }).catch(() => undefined)
  }
}
