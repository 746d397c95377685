import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LocalStack } from '../local/main.ts'
import { differences, type ReadRow } from './compare.ts'
import { findRejects, missingRejects } from './failed-records.ts'
import { type ProcessOptions, runFile, runScript } from './processes.ts'
import { recountFlights } from './recount.ts'
import { flightsMetric } from './status.ts'

/** A stack that has not drained by then is stuck. */
const drainTimeoutMs = 120_000

/** What is sent, and who is told of it. */
export interface ProofOptions {
  /** Default 20,000. */
  readonly departures?: number
  /** The share that is sent twice; default 0.05. */
  readonly duplicates?: number
  /** Default 10. */
  readonly garbage?: number
  readonly say: (text: string) => void
  readonly signal: AbortSignal
  /** Called when everything is counted, before it is read back. */
  readonly onDrained?: () => void
}

/** The result for one pipeline. */
export interface ProofResult {
  /** Distinct valid events. */
  readonly sent: number
  readonly duplicatesSent: number
  readonly garbageSent: number
  /** Events in the cells, as read back. */
  readonly counted: number
  /** As the functions count them: a record that is delivered again is one more. */
  readonly duplicatesDropped: number
  /** Distinct stream positions in the failed-records bucket. */
  readonly rejected: number
  readonly groups: number
  /** Values, groups or rejected records that are not as the recount says, and records that were never sent. */
  readonly mismatches: number
  readonly invocations: number
  readonly coldStarts: number
  /** The most execution environments at once. */
  readonly environments: number
  /** Momento requests until the stack was drained. */
  readonly storeRequests: number
  /** Records sent, over the time from the producer's start until the stack was drained. */
  readonly recordsPerSecond: number
  /** Of the whole run. */
  readonly seconds: number
}

/**
 * The proof: sends flights with repeats and rubbish, waits until the stack is drained, reads every group back through
 * the query command, recounts the producer's journal independently, and compares everything.
 */
export async function proveFlights(
  stack: LocalStack,
  { departures = 20_000, duplicates = 0.05, garbage = 10, say, signal, onDrained }: ProofOptions,
): Promise<ProofResult> {
  const directory = await mkdtemp(join(tmpdir(), 'streamtally-'))
  try {
    const journal = join(directory, 'flights.ndjson')
    const processOptions: ProcessOptions = { environment: stack.environment, signal, onTalk: say }
    const startedMs = Date.now()
    const to = ['--stream', stack.outputs['FlightsStreamName'] ?? '', '--journal', journal]
    const what = [
      '--limit',
      String(departures),
      '--duplicates',
      String(duplicates),
      '--garbage',
      String(garbage),
    ]
    say((await runFile('producers/produce.ts', ['flights', ...to, ...what], processOptions)).trim())
    await within(stack.drained(), drainTimeoutMs, signal)
    onDrained?.()
    const drainedMs = Date.now()
    const storeRequests = stack.momento.counters().requests
    say(`drained after ${((drainedMs - startedMs) / 1_000).toFixed(1)} s; reading back and recounting`)

    const readBack = async (grouping: string): Promise<ReadRow[]> => {
      const range = ['--from', String(startedMs), '--consistent', '--json']
      return JSON.parse(
        await runScript('query', ['flights', '--group', grouping, ...range], processOptions),
      ) as ReadRow[]
    }
    const [origins, routes, recount, rejects] = await Promise.all([
      readBack('origin'),
      readBack('route'),
      recountFlights(journal),
      findRejects(stack.outputs['FailedRecordsBucketName'] ?? '', stack.environment),
    ])
    const repeats = Math.floor(departures * duplicates)
    const mismatches = [
      ...miscounts('departures', recount.sent, departures),
      ...miscounts('repeats', recount.duplicatesSent, repeats),
      ...miscounts('unreadable records', recount.garbage.size, garbage),
      ...differences('origin', origins, recount.groups.origin),
      ...differences('route', routes, recount.groups.route),
      ...missingRejects(rejects, recount.garbage),
    ]
    for (const line of mismatches.slice(0, 20)) say(`mismatch: ${line}`)

    const functionStats = stack.functions.get(stack.outputs['FlightsFunctionName'] ?? '')?.stats()
    const records = recount.sent + recount.duplicatesSent + recount.garbage.size
    return {
      sent: recount.sent,
      duplicatesSent: recount.duplicatesSent,
      garbageSent: recount.garbage.size,
      counted: origins.reduce((sum, { values }) => sum + values.departures, 0),
      duplicatesDropped: flightsMetric(stack, 'Duplicates'),
      rejected: new Set(rejects.map(({ position }) => position)).size,
      groups: origins.length + routes.length,
      mismatches: mismatches.length,
      invocations: functionStats?.invocations ?? 0,
      coldStarts: functionStats?.coldStarts ?? 0,
      environments: functionStats?.environments.peak ?? 0,
      storeRequests,
      recordsPerSecond: Math.round(records / ((drainedMs - startedMs) / 1_000)),
      seconds: Math.round(performance.now() / 100) / 10,
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** A proof of fewer records than were asked for proves little: a journal that is empty agrees with a stream that is. */
function miscounts(what: string, journalled: number, asked: number): string[] {
  return journalled === asked ? [] : [`${what}: ${journalled} are in the journal, ${asked} were to be sent`]
}

async function within(promise: Promise<void>, timeoutMs: number, signal: AbortSignal): Promise<void> {
  const timeout = AbortSignal.timeout(timeoutMs)
  const either = AbortSignal.any([timeout, signal])
  await Promise.race([
    promise,
    new Promise((_, reject) => {
      either.addEventListener('abort', () =>
        reject(new Error(timeout.aborted ? `not drained after ${timeoutMs / 1_000} s` : 'interrupted')),
      )
    }),
  ])
}
