import { type CellLimits, cellLimits, nonceBytes, segmentsFor } from './cell.ts'
import { DefinitionError } from './errors.ts'
import { IdSet, idBytes } from './id-set.ts'
import type { Pipeline } from './pipeline.ts'
import { typicalStateBytes } from './typical-state.ts'
import { headExpansion, segmentTrustMs } from './warm-cells.ts'
import { adviceFor } from './describe-advice.ts'

/** What is to be expected of a stream, on average. */
export interface ExpectedLoad {
  /** Events of the whole stream. */
  readonly recordsPerSecond: number
  readonly shards: number
  /** Different keys that come up in a pane: of every grouping, or of each by its name. */
  readonly groups: number | Readonly<Record<string, number>>
  /** The mapping's. Default 1,000. */
  readonly batchingWindowMs?: number
  /** The mapping's. Default 1,000 records. */
  readonly batchSize?: number
  /** The mapping's: lanes a shard. Default 1. */
  readonly parallelizationFactor?: number
  /** Producers partition by something else than `bucketBy`. Default false. */
  readonly isPartitionedOtherwise?: boolean
}

/** What becomes of a pipeline under a load: estimates, for keys and times that are evenly spread. */
export interface Description {
  /** One cell, once its pane is over. */
  readonly cell: {
    readonly events: number
    /** Over all groupings. */
    readonly groups: number
    /** The most ids in the head itself. */
    readonly activeIds: number
    readonly segments: number
    /** The head at its largest. */
    readonly headBytes: number
    /** The head over the pane's time, as it is written again and again. */
    readonly meanHeadBytes: number
  }
  readonly batch: {
    readonly records: number
    /** Of the whole stream. */
    readonly perSecond: number
    readonly cells: number
    /** Lanes that write to one cell. */
    readonly lanesPerCell: number
    /** Of swaps that are tried, the share that is stored; the others found another writer's. */
    readonly storedShare: number
    /** Store requests a batch. */
    readonly requests: number
    /** Bytes of heads written for each record. */
    readonly bytesPerRecord: number
  }
  /** Store requests to read one window. */
  readonly read: {
    readonly panes: number
    /** Of one key of the grouping bucketed by; `undefined` where there is none. */
    readonly bucketedKey: number | undefined
    /** Of one key of another grouping, or of all keys. */
    readonly allBuckets: number
  }
  readonly instance: {
    /** Invocations at the same time: so many instances hold copies. */
    readonly count: number
    /** Memory that copies of the cells in use take. */
    readonly warmBytes: number
    /** Reads that prove copies of segments anew, of all instances, per second. */
    readonly segmentReadsPerSecond: number
  }
  /** What would not work, and what to change. */
  readonly warnings: readonly string[]
}

/** Keys such as airports, words and routes, with their msgpack header. */
const keyBytes = 12
/** An empty head: frame, address, incarnation, nonce and counters. */
const emptyHeadBytes = 140
/**
 * How long an invocation holds a cell, and how often a lane invokes where it does not wait for a window. Fitted to a
 * simulation of ten lanes on one cell: 1.4 requests a batch with a window of 1 s, 4.3 with none.
 */
const invocationMs = 22
const eagerIntervalMs = 120
/** Cells are in use for their own pane's time and, by stragglers, for the next one's. */
const panesInUse = 2

/**
 * Estimates what a pipeline stores, requests and holds under a load, and says what would not work. Within a factor of
 * two for evenly spread keys and values as small as usual; uneven ones fill some cells more than this says.
 * @throws DefinitionError for a number that is not above zero, or groups of a grouping that the pipeline does not have.
 */
export function describe(
  pipeline: Pipeline,
  load: ExpectedLoad,
  limits: CellLimits = cellLimits,
): Description {
  check(pipeline, load)
  const { window, buckets, groupings, bucketBy } = pipeline
  const { recordsPerSecond, shards, batchingWindowMs = 1_000, batchSize = 1_000 } = load
  const lanes = shards * (load.parallelizationFactor ?? 1)
  const events = (recordsPerSecond * window.paneMs) / 1_000 / buckets

  // A batch is what a lane gathers in its window, or between two invocations, and never more than the batch size.
  const laneRecordsPerMs = recordsPerSecond / lanes / 1_000
  const gatheredMs = Math.max(batchingWindowMs, eagerIntervalMs)
  const records = Math.min(Math.max(laneRecordsPerMs * gatheredMs, 1), batchSize)
  const intervalMs = records / laneRecordsPerMs
  const perSecond = recordsPerSecond / records

  // Shards and buckets divide the same hash space evenly, so they overlap in shards + buckets - gcd places.
  const isAligned = bucketBy === undefined || load.isPartitionedOtherwise !== true
  const overlaps = isAligned ? shards + buckets - greatestCommonDivisor(shards, buckets) : shards * buckets
  const cellsOfPane = distinctOf(records, overlaps / shards)
  // A batch that gathers over a pane's boundary meets both panes.
  const cells = Math.min(cellsOfPane * (1 + intervalMs / window.paneMs), records)
  const lanesPerCell = (lanes / shards) * (overlaps / buckets)
  const recordsPerSwap = records / cells

  // Another lane that comes to the cell while an invocation holds it makes one of the two fail: it reads and swaps anew.
  const collisions =
    (Math.max(0, lanesPerCell - 1) * invocationMs * cells) / (intervalMs * (overlaps / shards))
  const instances = Math.min(lanes, Math.max(1, Math.ceil((perSecond * invocationMs) / 1_000)))
  const batchesOfCell = Math.max(1, events / recordsPerSwap)
  // Each instance reads a new pane's cell once; then it has a copy.
  const firstReads = Math.min(1, instances / batchesOfCell)

  // Ids gather in the head until they pass the cap; the swap that passes it seals them all.
  const swapsPerSeal = Math.floor(limits.activeIds / recordsPerSwap) + 1
  const idsPerSeal = swapsPerSeal * recordsPerSwap
  const segmentsPerSeal = segmentsFor(Math.ceil(idsPerSeal), limits)
  const seals = Math.floor(events / idsPerSeal)
  const segments = seals * segmentsPerSeal
  const activeIds = seals === 0 ? events : Math.max(0, idsPerSeal - recordsPerSwap)
  const meanActiveIds = seals === 0 ? events / 2 : activeIds / 2

  const whole = groupsOf(pipeline, load, events)
  // Halfway through the pane: groups come fast at first, so this is a little above the mean over its time.
  const half = groupsOf(pipeline, load, events / 2)
  const nameBytes = nonceBytes + 3
  const headBytes = emptyHeadBytes + whole.bytes + activeIds * idBytes + segments * nameBytes
  const meanHeadBytes = emptyHeadBytes + half.bytes + meanActiveIds * idBytes + (segments / 2) * nameBytes

  // Of a segment, its writer has a copy, the others read it; all do so again for each minute that the pane lasts.
  const minutesLeft = Math.max(0, (window.paneMs / segmentTrustMs - 1) / 2)
  const readsOfSegment = instances * minutesLeft + (instances - 1)
  const segmentReadsPerSecond = (segments * buckets * readsOfSegment) / (window.paneMs / 1_000)
  const sealsOfBatch = (cells / swapsPerSeal) * segmentsPerSeal
  const idMemoryBytes =
    segments === 0 ? 0 : segments * new IdSet(Math.ceil(idsPerSeal / segmentsPerSeal)).memoryBytes

  const panes = window.sizeMs / window.paneMs
  const description: Omit<Description, 'warnings'> = {
    cell: { events, groups: whole.count, activeIds, segments, headBytes, meanHeadBytes },
    batch: {
      records,
      perSecond,
      cells,
      lanesPerCell,
      storedShare: 1 / (1 + collisions),
      requests: cells * (1 + 2 * collisions + firstReads) + sealsOfBatch + segmentReadsPerSecond / perSecond,
      bytesPerRecord: (meanHeadBytes * (1 + collisions)) / recordsPerSwap,
    },
    read: { panes, bucketedKey: bucketBy === undefined ? undefined : panes, allBuckets: panes * buckets },
    instance: {
      count: instances,
      warmBytes: panesInUse * buckets * (meanHeadBytes * (1 + headExpansion) + idMemoryBytes),
      segmentReadsPerSecond,
    },
  }
  return { ...description, warnings: adviceFor(pipeline, load, description, lanes, isAligned, limits) }

  function groupsOf(
    { keptMeasures }: Pipeline,
    { groups }: ExpectedLoad,
    eventsSoFar: number,
  ): { readonly count: number; readonly bytes: number } {
    let count = 0
    let bytes = 0
    for (const [index, grouping] of groupings.entries()) {
      const keys = typeof groups === 'number' ? groups : (new Map(Object.entries(groups)).get(grouping) ?? 1)
      // Keys of the grouping bucketed by are divided among the buckets; any other key may be in all of them.
      const possible = grouping === bucketBy ? keys / buckets : keys
      const present = distinctOf(eventsSoFar, possible)
      count += present
      for (const measure of keptMeasures[index] ?? []) {
        bytes += present * typicalStateBytes(measure, eventsSoFar / Math.max(1, present))
      }
      bytes += present * keyBytes
    }
    return { count, bytes }
  }
}

/** Of so many keys, evenly drawn, how many have come up after so many events: the occupancy of balls in bins. */
function distinctOf(events: number, keys: number): number {
  return Math.min(events, keys <= 1 ? keys : keys * (1 - (1 - 1 / keys) ** events))
}

function check(pipeline: Pipeline, load: ExpectedLoad): void {
  const { groups, batchingWindowMs = 0, ...positive } = load
  const numbers = [
    ...Object.entries(positive),
    ...Object.entries(typeof groups === 'number' ? { groups } : groups),
  ]
  for (const [name, value] of numbers) {
    if (typeof value === 'boolean' || (Number.isFinite(value) && value > 0)) continue
    throw new DefinitionError(`${name} is a number above 0, not ${value}`)
  }
  if (!(batchingWindowMs >= 0))
    throw new DefinitionError(`batchingWindowMs is a number from 0, not ${batchingWindowMs}`)
  if (typeof groups === 'number') return
  for (const grouping of Object.keys(groups)) {
    if (pipeline.groupings.includes(grouping)) continue
    throw new DefinitionError(
      `pipeline ${pipeline.name} has no grouping ${grouping}; it has ${pipeline.groupings.join(', ')}`,
    )
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
