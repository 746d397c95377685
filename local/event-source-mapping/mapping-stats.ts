import type { BufferedRecord } from './buffered-record.ts'
import type { EventCountName, MappingObserver } from './mapping-observer.ts'
import { type Outcome, type OutcomeName, outcomeName } from './outcome.ts'

/** What a mapping did since it was made. Records, not batches, are counted unless said. */
export interface MappingStats {
  /** Attempts by what they came to; those without an entry did not occur. */
  readonly attempts: Partial<Record<OutcomeName, number>>
  /** The metrics of AWS Lambda's `EventCount` for mappings of streams, by their names there. */
  readonly eventCounts: {
    /** Read from the stream. */
    readonly PolledEventCount: number
    readonly FilteredOutEventCount: number
    /** Sent to the function, again with each attempt. */
    readonly InvokedEventCount: number
    /** In attempts that failed; of a partial failure those that were not done. */
    readonly FailedInvokeEventCount: number
    /** Given up, and not delivered to a destination. */
    readonly DroppedEventCount: number
    readonly OnFailureDestinationDeliveredEventCount: number
  }
  /** Reports of batches that the destination did not take. */
  readonly destinationDeliveryFailures: number
  /** Records that were read, and left the stream before they were done; they are in no report. */
  readonly recordsLostToRetention: number
  /** Reads that the stream refused as too many. */
  readonly readThrottles: number
  /** Age of the last record of the latest batch that reached the function when it was sent; undefined before the first. */
  readonly iteratorAgeMs: number | undefined
  /** As the Lambda API says it: of the last attempt that reached the function, or that the stream could not be read since. */
  readonly lastProcessingResult: string
}

type Writable<T> = { -readonly [Name in keyof T]: T[Name] extends object ? Writable<T[Name]> : T[Name] }

/** Stats as a mapping writes them. */
export type MappingCounters = Writable<MappingStats>

/** Counters at 0. */
export function newCounters(): MappingCounters {
  return {
    attempts: {},
    eventCounts: {
      PolledEventCount: 0,
      FilteredOutEventCount: 0,
      InvokedEventCount: 0,
      FailedInvokeEventCount: 0,
      DroppedEventCount: 0,
      OnFailureDestinationDeliveredEventCount: 0,
    },
    destinationDeliveryFailures: 0,
    recordsLostToRetention: 0,
    readThrottles: 0,
    iteratorAgeMs: undefined,
    lastProcessingResult: 'No records processed',
  }
}

/** Counts records. */
export function countEvents(
  { eventCounts }: MappingCounters,
  observer: MappingObserver,
  name: EventCountName,
  records: number,
): void {
  eventCounts[name] += records
  observer.onEvents(name, records)
}

/** Counts an attempt at these records that began at `sentMs`. */
export function countAttempt(
  counters: MappingCounters,
  observer: MappingObserver,
  records: readonly BufferedRecord[],
  sentMs: number,
  outcome: Outcome,
): void {
  const { attempts } = counters
  const name = outcomeName(outcome)
  attempts[name] = (attempts[name] ?? 0) + 1
  if (outcome.kind !== 'refused') counters.lastProcessingResult = processingResult(outcome)
  if (outcome.kind === 'refused' || name === 'payload-too-large') return
  const last = records.at(-1)
  if (last !== undefined) {
    const ageMs = sentMs - last.record.arrivalMs
    counters.iteratorAgeMs = ageMs
    observer.onIteratorAge({ ageMs, sentMs })
  }
  const count = (event: EventCountName, counted: number): void =>
    countEvents(counters, observer, event, counted)
  count('InvokedEventCount', records.length)
  if (outcome.kind === 'failed') count('FailedInvokeEventCount', records.length)
  if (outcome.kind === 'partly-failed') count('FailedInvokeEventCount', records.length - outcome.doneRecords)
}

/**
 * AWS calls a valid partial answer OK; that this holds where the first record failed too, and that an answer which is
 * none and an event too large count as failed calls, are choices.
 */
function processingResult(outcome: Exclude<Outcome, { kind: 'refused' }>): string {
  const isValid = outcome.kind !== 'failed' || outcome.failure.reason === 'first-record-failed'
  return isValid ? 'OK' : 'PROBLEM: Function call failed'
}
