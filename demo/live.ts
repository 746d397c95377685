import { setTimeout } from 'node:timers/promises'
import type { LocalStack } from '../local/main.ts'
import { liveTables } from './live-tables.ts'
import { runFile } from './processes.ts'
import type { Screen } from './screen.ts'
import { hasTables, inLines, pipelineMetric, statusInWords, statusOf } from './status.ts'

/** A second. */
const sent = { records: 200, changes: 50 }
const statusIntervalMs = 1_000
const lookIntervalMs = 50
/** Between two readings of the results: each is some processes. */
const readIntervalMs = 3_000

/**
 * Sends flights, and writes orders where there is a table for them, at a steady rate until `signal` aborts, and shows what
 * becomes of them. In a terminal that is the busiest airports of the last minute and the orders that there are, read back
 * through the query command, and how the stack is doing; otherwise a line of the latter, once a second.
 */
export async function showLive(stack: LocalStack, screen: Screen, signal: AbortSignal): Promise<void> {
  const showing = new AbortController()
  const either = AbortSignal.any([signal, showing.signal])
  const startedMs = Date.now()
  let countedBefore = 0
  let tables: readonly string[] = []
  let shownMs = startedMs

  const timer = setInterval(() => {
    const nowMs = Date.now()
    // The first result is shown when it is there.
    const isFirst = countedBefore === 0 && pipelineMetric(stack, 'flights', 'Counted') > 0
    if (!isFirst && nowMs - shownMs < statusIntervalMs) return
    // What is counted first is the work of all the time since the start.
    const sinceMs = nowMs - (countedBefore === 0 ? startedMs : shownMs)
    shownMs = nowMs
    const status = statusOf(stack, nowMs)
    const elapsed = ((nowMs - startedMs) / 1_000).toFixed(0)
    const words = statusInWords(status, ((status.counted - countedBefore) * 1_000) / sinceMs)
    countedBefore = status.counted
    if (process.stdout.isTTY)
      screen.show([...tables, ...inLines([`${elapsed} s`, ...words], process.stdout.columns - 1)])
    else console.log(`${elapsed.padStart(5)} s  ${words.join(', ')}`)
  }, lookIntervalMs)

  const reading = process.stdout.isTTY
    ? repeatedly(
        either,
        async () => {
          tables = await liveTables(stack, { startedMs, signal: either })
        },
        (text) => screen.say(text),
      )
    : Promise.resolve()
  try {
    const options = { environment: stack.environment, signal: either }
    const [flights = [], ...others] = producersOf(stack)
    const sendFlights = async (): Promise<void> => {
      await runFile('producers/produce.ts', flights, options)
      if (!signal.aborted) screen.say('all 3,000,000 departures are sent')
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
async function repeatedly(
  signal: AbortSignal,
  task: () => Promise<void>,
  say: (text: string) => void,
): Promise<void> {
  while (!signal.aborted) {
    await task().catch((error: unknown) => {
      if (!signal.aborted) say(error instanceof Error ? error.message : String(error))
    })
    await setTimeout(readIntervalMs, undefined, { signal }).catch(() => undefined)
  }
}
