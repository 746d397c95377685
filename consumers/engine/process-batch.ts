import { newBatchCells } from './batch-cells.ts'
import { type CellLimits, cellLimits, type Contribution } from './cell.ts'
import { commitPart, type EventFate } from './commit.ts'
import { RejectError } from './errors.ts'
import { mapConcurrently } from './map-concurrently.ts'
import type { Pipeline } from './pipeline.ts'
import type { Ports, RejectedRecord, SourceRecord, UnreadableRecord } from './ports.ts'
import { routeRecord } from './route.ts'
import type { WarmCells } from './warm-cells.ts'

/** What became of a batch. Every record has exactly one fate, so the five counts add up to `records`. */
export interface BatchReport {
  readonly records: number
  /** Folded into a cell by a swap that was stored. */
  readonly counted: number
  /** Already in the cell; an own write that landed though its answer was lost included. */
  readonly duplicates: number
  /** Left out by the pipeline's `where`. */
  readonly filtered: number
  /** Durable in the failed-records bucket, with the reason; what a refused change took back is stored, too. */
  readonly rejected: number
  /** To be delivered again. */
  readonly unfinished: number
  /** Index in the batch of the first unfinished record. */
  readonly firstUnfinished: number | undefined
  readonly storeRequests: number
  /** What each store request that failed failed with; most are made good by another attempt. */
  readonly storeFailures: readonly string[]
  /** Why rejected records could not be written; they are unfinished then. */
  readonly failedRecordsError: unknown
}

/** Cells of one batch that are committed at the same time. */
const maximumConcurrentCells = 8

interface OpenPart {
  readonly pipeline: Pipeline
  readonly address: string
  readonly paneStartMs: number
  readonly events: Contribution[]
  /** Of each event, its record's index in the batch. */
  readonly indexes: number[]
  /** Of events whose records are to be rejected once what they take back is stored. */
  readonly refusals: Map<number, RejectError>
}

/**
 * Gives every record of a batch its one fate: decodes and validates it, routes it to its cell, commits all cells, and
 * writes the rejected records. Resolves when no part is pending any more.
 */
export async function processBatch(
  pipeline: Pipeline,
  records: readonly (SourceRecord | UnreadableRecord)[],
  ports: Ports,
  warm: WarmCells,
  limits: CellLimits = cellLimits,
): Promise<BatchReport> {
  let filtered = 0
  const cells = newBatchCells()
  const parts = new Map<string, OpenPart>()
  const rejects: { index: number; record: RejectedRecord }[] = []
  for (const [index, record] of records.entries()) {
    if ('reason' in record) {
      rejects.push({ index, record })
      continue
    }
    try {
      const route = routeRecord(pipeline, record, cells)
      if (route === undefined) {
        filtered++
        continue
      }
      const { address, paneStartMs, contribution } = route
      let part = parts.get(address)
      if (part === undefined) {
        part = {
          pipeline: route.pipeline,
          address,
          paneStartMs,
          events: [],
          indexes: [],
          refusals: new Map(),
        }
        parts.set(address, part)
      }
      part.events.push(contribution)
      part.indexes.push(index)
      if (route.refusal !== undefined) part.refusals.set(index, route.refusal)
    } catch (error) {
      if (!(error instanceof RejectError)) throw error
      rejects.push({ index, record: rejected(record, error) })
    }
  }

  const tally = { counted: 0, duplicates: 0, storeRequests: 0 }
  const storeFailures: string[] = []
  const unfinished: number[] = []
  const settle = (index: number, fate: EventFate | undefined, refusal: RejectError | undefined): void => {
    const record = records[index]
    const isStored = fate === 'counted' || fate === 'duplicate'
    if (isStored && refusal !== undefined && record !== undefined)
      rejects.push({ index, record: rejected(record, refusal) })
    else if (fate === 'counted') tally.counted++
    else if (fate === 'duplicate') tally.duplicates++
    else if ((fate === 'expired' || fate === 'over-cap') && record !== undefined) {
      rejects.push({ index, record: { ...record, reason: fate, detail: detailOf[fate] } })
    } else unfinished.push(index)
  }
  await mapConcurrently([...parts.values()], maximumConcurrentCells, async (part) => {
    const { fates, requests, failures } = await commitPart(part, ports, warm, limits)
    tally.storeRequests += requests
    storeFailures.push(...failures)
    for (const [at, index] of part.indexes.entries()) settle(index, fates[at], part.refusals.get(index))
  })

  let failedRecordsError: unknown
  if (rejects.length > 0) {
    try {
      await ports.failedRecords.write(rejects.map(({ record }) => record))
    } catch (error) {
      failedRecordsError = error
      unfinished.push(...rejects.map(({ index }) => index))
    }
  }
  return {
    records: records.length,
    ...tally,
    filtered,
    storeFailures,
    rejected: failedRecordsError === undefined ? rejects.length : 0,
    unfinished: unfinished.length,
    firstUnfinished: unfinished.length === 0 ? undefined : unfinished.reduce((a, b) => Math.min(a, b)),
    failedRecordsError,
  }
}

function rejected(record: SourceRecord | UnreadableRecord, { reason, message }: RejectError): RejectedRecord {
  return { ...record, reason, detail: message }
}

const detailOf = {
  expired: 'its cell closed before this delivery was acknowledged; this one or another may have counted it',
  'over-cap': 'its cell holds as many bytes or groups as it may',
} as const
