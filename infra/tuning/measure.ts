import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { type CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs'
import {
  fitServiceTimes,
  type Invocation,
  invocationsIn,
  type LogLine,
  type ServiceTimes,
  warmInvocations,
} from './service-times.ts'

const projectRoot = join(import.meta.dirname, '..', '..')
/** A few records a batch, and as many as a batch takes: the two ends of the line that is fitted. The first warms up. */
const runs = [{ limit: 12_000 }, { limit: 2_000, rate: 400 }, { limit: 12_000 }] as const
const lookAgainMs = 500
/** Records that are not counted by then are stuck. */
const timeoutMs = 120_000

/** What `npm start -- --no-demo` prints. */
interface StartedStack {
  readonly streams: Readonly<Record<string, string>>
  readonly environment: Readonly<Record<string, string>>
}

/**
 * Measures what a batch and a record of the flights take, on a local stack of its own: starts it, sends departures a few
 * and many at a time, and fits the invocations that the function's log tells of. `say` takes what goes on.
 * @throws Error if the stack or the producer fails, or departures are not counted in time.
 */
export async function measureFlights(say: (text: string) => void): Promise<ServiceTimes> {
  const interruption = new AbortController()
  const interrupt = (): void => interruption.abort()
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
  const { signal } = interruption
  say('starting the local stack')
  const stack = start('demo/main.ts', ['--no-demo'], process.env, signal)
  try {
    const { streams, environment } = await firstLine(stack)
    const { CloudWatchLogsClient } = await import('@aws-sdk/client-cloudwatch-logs')
    const logs = new CloudWatchLogsClient({
      region: environment['AWS_REGION'] ?? '',
      endpoint: environment['AWS_ENDPOINT_URL_CLOUDWATCH_LOGS'] ?? '',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    })
    try {
      let sent = 0
      for (const { limit, ...paced } of runs) {
        const rate = 'rate' in paced ? ['--rate', String(paced.rate)] : []
        say(`sending ${limit} departures`)
        const to = ['--stream', streams['FlightsStreamName'] ?? '', '--limit', String(limit), ...rate]
        await ended(
          start('producers/produce.ts', ['flights', ...to], { ...process.env, ...environment }, signal),
        )
        sent += limit
        await counted(logs, sent, signal)
      }
      return fitServiceTimes(warmInvocations(await flightsInvocations(logs)))
    } finally {
      logs.destroy()
    }
  } catch (error) {
    if (signal.aborted) throw new Error('interrupted', { cause: error })
    throw error
  } finally {
    if (stack.exitCode === null && stack.signalCode === null) {
      stack.kill('SIGTERM')
      await once(stack, 'exit')
    }
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
  }
}

function start(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): ChildProcess {
  const child = spawn(process.execPath, ['--import', 'tsx', file, ...args], {
    cwd: projectRoot,
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
    signal,
    killSignal: 'SIGTERM',
  })
  // An abort is told as an error too; who waits for the end hears of it.
  child.on('error', () => undefined)
  return child
}

async function firstLine(child: ChildProcess): Promise<StartedStack> {
  if (child.stdout === null) throw new Error('the stack has no output')
  for await (const line of createInterface(child.stdout)) return JSON.parse(line) as StartedStack
  throw new Error('the local stack did not start: npm start says why')
}

async function ended(child: ChildProcess): Promise<void> {
  child.stdout?.resume()
  const [exitCode] = (await once(child, 'exit')) as [number | null]
  if (exitCode !== 0) throw new Error('the producer has failed: npm run produce says why')
}

async function counted(logs: CloudWatchLogsClient, records: number, signal: AbortSignal): Promise<void> {
  const deadlineMs = Date.now() + timeoutMs
  for (;;) {
    const invocations = await flightsInvocations(logs)
    const done = invocations.reduce((sum, one) => sum + one.records, 0)
    if (done >= records) return
    if (Date.now() > deadlineMs) throw new Error(`only ${done} of ${records} departures were counted`)
    await setTimeout(lookAgainMs, undefined, { signal })
  }
}

async function flightsInvocations(logs: CloudWatchLogsClient): Promise<Invocation[]> {
  const { DescribeLogGroupsCommand } = await import('@aws-sdk/client-cloudwatch-logs')
  const { logGroups = [] } = await logs.send(
    new DescribeLogGroupsCommand({ logGroupNamePattern: 'FlightsLogs' }),
  )
  const logGroupName = logGroups[0]?.logGroupName
  if (logGroupName === undefined) throw new Error('the local stack has no log group of the flights')
  const lines: LogLine[] = []
  for await (const { events = [] } of paginateFilterLogEvents({ client: logs }, { logGroupName })) {
    for (const { logStreamName = '', message = '' } of events) lines.push({ logStreamName, message })
  }
  return invocationsIn(lines)
}
