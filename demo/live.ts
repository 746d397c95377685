import type { LocalStack } from '../local/main.ts'
import { runScript } from './processes.ts'

/** Records a second that the live demo sends. */
const rate = 200
const intervalMs = 1_000

/** Sends flights at a steady rate and prints one line a second, until `signal` aborts. */
export async function showFlights(
  stack: LocalStack,
  say: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const startedMs = Date.now()
  let before = 0
  const timer = setInterval(() => {
    const counted = stack.metrics.sum('Streamtally', ['service=flights'], 'Counted')
    const elapsed = ((Date.now() - startedMs) / 1_000).toFixed(0)
    console.log(`${elapsed.padStart(5)} s  ${statusOf(stack, counted, counted - before)}`)
    before = counted
  }, intervalMs)
  try {
    const stream = stack.outputs['FlightsStreamName'] ?? ''
    const args = ['flights', '--stream', stream, '--rate', String(rate), '--duplicates', '5%']
    await runScript('produce', args, { environment: stack.environment, signal })
    say('all departures are sent')
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    clearInterval(timer)
  }
}

function statusOf(stack: LocalStack, counted: number, perSecond: number): string {
  const stats = [...stack.functions.values()].map((lambda) => lambda.stats())
  const total = (value: (one: (typeof stats)[number]) => number): number =>
    stats.reduce((sum, one) => sum + value(one), 0)
  const ageMs = Math.max(0, ...stack.mappings.map((mapping) => mapping.stats().iteratorAgeMs ?? 0))
  const duplicates = stack.metrics.sum('Streamtally', ['service=flights'], 'Duplicates')
  return [
    `${counted.toLocaleString('en-US')} departures counted (${perSecond}/s)`,
    `${duplicates.toLocaleString('en-US')} duplicates dropped`,
    `iterator age ${ageMs} ms`,
    `${total(({ invocations }) => invocations)} invocations in ${total(({ environments }) => environments.live)} environments`,
    `${total(({ throttles }) => throttles)} throttles`,
    `${total(({ errors }) => errors)} errors`,
  ].join(', ')
}
