import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LocalStack } from '../local/main.ts'
import { compare, type EstimateErrors, type ReadRow } from './compare.ts'
import { findRejects, missingRejects } from './failed-records.ts'
import { type Journal, readJournal } from './journal.ts'
import { type ProcessOptions, runFile } from './processes.ts'
import { type Recount, recountAll } from './recount.ts'
import { pipelineMetric } from './status.ts'

/** A stack that has not drained in that time for so many departures is stuck. */
const drainTimeoutMs = 120_000
const drainDepartures = 20_000
const shownMismatches = 20

/** What is sent, and who is told of it. */
export interface ProofOptions {
  /** Default 20,000. */
  readonly departures?: number | undefined
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
  /** Those of the valid events that the pipeline leaves out. */
  readonly filtered: number
  /** Events in the cells, as read back; each once, in however many windows it is. */
  readonly counted: number
  /** As the functions count them: a record that is delivered again is one more. */
  readonly duplicatesDropped: number
  /** Distinct stream positions in the failed-records bucket. */
  readonly rejected: number
  readonly groups: number
  /** By measure, for those that are estimates. */
  readonly estimates: Readonly<Record<string, EstimateErrors>>
  /** Values, groups or rejected records that are not as the recount says, and records that were never sent. */
  readonly mismatches: number
  readonly invocations: number
  readonly coldStarts: number
  /** The most execution environments at once. */
  readonly environments: number
  /** Momento requests of its function, as it counts them itself. */
  readonly storeRequests: number
  /** Records sent, over the time from the producer's start until the stack was drained. */
  readonly recordsPerSecond: number
  /** Of the whole run. */
  readonly seconds: number
}

/** Whether all that was sent is where it belongs, once. */
export function isExact(result: ProofResult): boolean {
  const { mismatches, counted, filtered, sent, rejected, garbageSent } = result
  return mismatches === 0 && counted + filtered === sent && rejected === garbageSent
}

/**
 * The proof, by pipeline: sends flights with repeats and rubbish, waits until the stack is drained, reads every group
 * back through the query command, recounts the producer's journal independently, and compares everything.
 */
export async function provePipelines(
  stack: LocalStack,
  { departures = 20_000, duplicates = 0.05, garbage = 10, say, signal, onDrained }: ProofOptions,
): Promise<Readonly<Record<string, ProofResult>>> {
  const directory = await mkdtemp(join(tmpdir(), 'streamtally-'))
  try {
    const journalPath = join(directory, 'flights.ndjson')
    const processOptions: ProcessOptions = { environment: stack.environment, signal, onTalk: say }
    const startedMs = Date.now()
    const to = ['--stream', stack.outputs['FlightsStreamName'] ?? '', '--journal', journalPath]
    const what = ['--limit', departures, '--duplicates', duplicates, '--garbage', garbage].map(String)
    say((await runFile('producers/produce.ts', ['flights', ...to, ...what], processOptions)).trim())
    await within(stack.drained(), drainTimeoutMs * Math.max(1, departures / drainDepartures), signal)
    onDrained?.()
    const drainedMs = Date.now()
    say(`drained after ${((drainedMs - startedMs) / 1_000).toFixed(1)} s; reading back and recounting`)

    const journal = await readJournal(journalPath)
    const miscounted = [
      ...miscounts('departures', journal.departures.length, departures),
      ...miscounts('repeats', journal.duplicatesSent, Math.floor(departures * duplicates)),
      ...miscounts('unreadable records', journal.garbage.size, garbage),
    ]
    const records = journal.departures.length + journal.duplicatesSent + journal.garbage.size
    const recordsPerSecond = Math.round(records / ((drainedMs - startedMs) / 1_000))

    const proofs = Object.entries(recountAll(journal.departures)).map(async ([pipeline, recount]) => {
      const readBack = async (grouping: string): Promise<readonly [string, ReadRow[]]> => {
        const args = [pipeline, '--group', grouping, '--from', String(startedMs), '--consistent', '--json']
        return [grouping, JSON.parse(await runFile('query/query.ts', args, processOptions)) as ReadRow[]]
      }
      const rows = Object.fromEntries(await Promise.all(Object.keys(recount.groups).map(readBack)))
      return [pipeline, await proof(stack, pipeline, journal, recount, rows)] as const
    })
    const results = (await Promise.all(proofs)).map(([pipeline, { mismatches, ...result }]) => {
      const all = [...miscounted, ...mismatches]
      for (const line of all.slice(0, shownMismatches)) say(`${pipeline}: mismatch: ${line}`)
      const seconds = Math.round(performance.now() / 100) / 10
      return [pipeline, { ...result, mismatches: all.length, recordsPerSecond, seconds }] as const
    })
    return Object.fromEntries(results)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

type Proof = Omit<ProofResult, 'mismatches' | 'recordsPerSecond' | 'seconds'> & {
  readonly mismatches: readonly string[]
}

async function proof(
  stack: LocalStack,
  pipeline: string,
  journal: Journal,
  recount: Recount,
  rows: Readonly<Record<string, readonly ReadRow[]>>,
): Promise<Proof> {
  const rejects = await findRejects(
    stack.outputs['FailedRecordsBucketName'] ?? '',
    pipeline,
    stack.environment,
  )
  const { mismatches, estimates } = compare(rows, recount)
  const [ofOneGrouping = []] = Object.values(rows)
  const inWindows = ofOneGrouping.reduce((sum, { values }) => sum + Number(values['departures']), 0)
  const output = `${pipeline.charAt(0).toUpperCase()}${pipeline.slice(1)}FunctionName`
  const stats = stack.functions.get(stack.outputs[output] ?? '')?.stats()
  return {
    sent: journal.departures.length,
    duplicatesSent: journal.duplicatesSent,
    garbageSent: journal.garbage.size,
    filtered: recount.filtered,
    counted: inWindows / recount.windowsPerDeparture,
    duplicatesDropped: pipelineMetric(stack, pipeline, 'Duplicates'),
    rejected: new Set(rejects.map(({ position }) => position)).size,
    groups: Object.values(rows).reduce((sum, { length }) => sum + length, 0),
    estimates,
    mismatches: [...mismatches, ...missingRejects(rejects, journal.garbage)],
    invocations: stats?.invocations ?? 0,
    coldStarts: stats?.coldStarts ?? 0,
    environments: stats?.environments.peak ?? 0,
    storeRequests: pipelineMetric(stack, pipeline, 'StoreRequests'),
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
