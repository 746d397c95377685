import { join } from 'node:path'
import { compare, type EstimateErrors, type ReadRow } from './compare.ts'
import { findRejects, missingRejects } from './failed-records.ts'
import { readJournal } from './journal.ts'
import { runFile } from './processes.ts'
import {
  type Finding,
  type FunctionWork,
  functionWork,
  processOf,
  type Proof,
  type ProofRun,
} from './proof.ts'
import { recountAll } from './recount.ts'

/** What is sent. */
export interface FlightsToSend {
  readonly departures: number
  /** The share that is sent twice. */
  readonly duplicates: number
  readonly garbage: number
}

/** The result for one pipeline of the flights' stream. */
export interface FlightsResult extends FunctionWork {
  /** Distinct valid events. */
  readonly sent: number
  readonly duplicatesSent: number
  readonly garbageSent: number
  /** Those of the valid events that the pipeline leaves out. */
  readonly filtered: number
  /** Events in the cells, as read back; each once, in however many windows it is. */
  readonly counted: number
  /** Distinct stream positions in the failed-records bucket. */
  readonly rejected: number
  readonly groups: number
  /** By measure, for those that are estimates. */
  readonly estimates: Readonly<Record<string, EstimateErrors>>
}

/** Whether all departures that were sent are where they belong, once. */
export function areFlightsExact({ counted, filtered, sent, rejected, garbageSent }: FlightsResult): boolean {
  return counted + filtered === sent && rejected === garbageSent
}

/**
 * Sends flights with repeats and rubbish, reads every group back through the query command, recounts the producer's
 * journal independently, and compares everything.
 */
export function flightsProof(
  run: ProofRun,
  { departures, duplicates, garbage }: FlightsToSend,
): Proof<FlightsResult> {
  const { stack, say } = run
  const journalPath = join(run.directory, 'flights.ndjson')
  const startedMs = Date.now()

  async function check(): Promise<Readonly<Record<string, Finding<FlightsResult>>>> {
    const journal = await readJournal(journalPath)
    // A proof of fewer records than were asked for proves little: an empty journal agrees with an empty stream.
    const miscounted = [
      ...miscounts('departures', journal.departures.length, departures),
      ...miscounts('repeats', journal.duplicatesSent, Math.floor(departures * duplicates)),
      ...miscounts('unreadable records', journal.garbage.size, garbage),
    ]
    const findings = Object.entries(recountAll(journal.departures)).map(async ([pipeline, recount]) => {
      const readBack = async (grouping: string): Promise<readonly [string, ReadRow[]]> => {
        const args = [pipeline, '--group', grouping, '--from', String(startedMs), '--consistent', '--json']
        const json = await runFile('query/query.ts', args, processOf(run, `${pipeline} by ${grouping}`))
        return [grouping, JSON.parse(json) as ReadRow[]]
      }
      const rows = Object.fromEntries(await Promise.all(Object.keys(recount.groups).map(readBack)))
      const bucket = stack.outputs['FailedRecordsBucketName'] ?? ''
      const rejects = await findRejects(bucket, pipeline, stack.environment)
      const { mismatches, estimates } = compare(rows, recount)
      const [ofOneGrouping = []] = Object.values(rows)
      const inWindows = ofOneGrouping.reduce((sum, { values }) => sum + Number(values['departures']), 0)
      const result: FlightsResult = {
        sent: journal.departures.length,
        duplicatesSent: journal.duplicatesSent,
        garbageSent: journal.garbage.size,
        filtered: recount.filtered,
        counted: inWindows / recount.windowsPerDeparture,
        rejected: new Set(rejects.map(({ position }) => position)).size,
        groups: Object.values(rows).reduce((sum, { length }) => sum + length, 0),
        estimates,
        ...functionWork(stack, pipeline),
      }
      return [
        pipeline,
        { result, mismatches: [...miscounted, ...mismatches, ...missingRejects(rejects, journal.garbage)] },
      ] as const
    })
    return Object.fromEntries(await Promise.all(findings))
  }

  return {
    send: async () => {
      const to = ['--stream', stack.outputs['FlightsStreamName'] ?? '', '--journal', journalPath]
      const what = ['--limit', departures, '--duplicates', duplicates, '--garbage', garbage].map(String)
      const name = 'flights'
      const sent = await runFile('producers/produce.ts', [name, ...to, ...what], processOf(run, name))
      say(`${name}: ${sent.trim()}`)
    },
    check,
  }
}

function miscounts(what: string, journalled: number, asked: number): string[] {
  return journalled === asked ? [] : [`${what}: ${journalled} are in the journal, ${asked} were to be sent`]
}
