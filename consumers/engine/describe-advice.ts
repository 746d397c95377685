import type { CellLimits } from './cell.ts'
import type { Description, ExpectedLoad } from './describe.ts'
import type { Pipeline } from './pipeline.ts'
import { warmCellsBytes } from './warm-cells.ts'

/** Simulated, lanes that all meet every bucket finish their load while they are dozens, and no more at hundreds. */
const mostLanesPerCell = 36
const leastStoredShare = 0.5
/** Panes of a day's window, at their largest; more of them come from a period that divides its size too finely. */
const mostPanesPerWindow = 288
const mostReadsPerWindow = 2_000
const mostBytesPerRecord = 1_000
/** After a minute without a proof a batch has to read all of a cell's segments before it can swap, 8 at a time. */
const mostSegments = 100
const mostSegmentReadsPerSecond = 100
/** What a Kinesis shard takes (its quotas page); records that producers aggregate hold more events. */
const shardRecordsPerSecond = 1_000

/** Texts that each say what would not work under a load, and what to change. */
export function adviceFor(
  pipeline: Pipeline,
  load: ExpectedLoad,
  { cell, batch, read, instance }: Omit<Description, 'warnings'>,
  lanes: number,
  isAligned: boolean,
  limits: CellLimits,
): readonly string[] {
  const { buckets, maximumGroups, bucketBy, window } = pipeline
  const { recordsPerSecond, shards } = load
  const shardRate = recordsPerSecond / shards
  const storedPercent = Math.round(batch.storedShare * 100)
  const advice: readonly (readonly [isNeeded: boolean, text: string])[] = [
    [
      shardRate > shardRecordsPerSecond,
      `a shard takes ${shardRecordsPerSecond} records a second, and would get ${whole(shardRate)}: have ${Math.ceil(recordsPerSecond / shardRecordsPerSecond)} shards, or let producers aggregate records`,
    ],
    [
      cell.headBytes > limits.headBytes,
      `heads would take ${kilobytes(cell.headBytes)}, over ${kilobytes(limits.headBytes)}: events of new groups would be rejected as over-cap; have more buckets, shorter panes, or keep large measures for fewer groupings`,
    ],
    [
      cell.groups > maximumGroups,
      `cells would hold ${whole(cell.groups)} groups, over the ${maximumGroups} of maximumGroups: events of new groups would be rejected as over-cap; raise it, or have more buckets or shorter panes`,
    ],
    [
      !isAligned && lanes > mostLanesPerCell,
      `each of ${lanes} lanes meets every bucket, because producers do not partition by ${bucketBy}: partition by it, or leave out bucketBy`,
    ],
    [
      batch.storedShare < leastStoredShare && (isAligned || lanes <= mostLanesPerCell),
      `${whole(batch.lanesPerCell)} lanes write to each cell so often that ${storedPercent} % of their swaps would be stored: have a longer batching window, or more buckets (shards: ${shards}, buckets: ${buckets})`,
    ],
    [
      batch.bytesPerRecord > mostBytesPerRecord,
      `each record would write ${kilobytes(batch.bytesPerRecord)}, because heads of ${kilobytes(cell.meanHeadBytes)} are written anew for ${whole(batch.records / batch.cells)} records: have a longer batching window, more buckets or shorter panes, or keep large measures for fewer groupings`,
    ],
    [
      cell.segments > mostSegments || instance.segmentReadsPerSecond > mostSegmentReadsPerSecond,
      `cells would have ${whole(cell.segments)} segments of ids, which each of ${instance.count} instances reads again every minute, ${whole(instance.segmentReadsPerSecond)} reads a second: have more buckets or shorter panes`,
    ],
    [
      instance.warmBytes > warmCellsBytes,
      `copies of cells in use would take ${kilobytes(instance.warmBytes)} of an instance, over the ${kilobytes(warmCellsBytes)} that it keeps, so that batches read them again: have shorter panes, or fewer groups or measures`,
    ],
    [
      read.panes > mostPanesPerWindow,
      `a window has ${read.panes} panes of ${window.paneMs / 1_000} s: start windows at times that divide their size less finely`,
    ],
    [
      read.allBuckets > mostReadsPerWindow,
      `a window takes ${read.allBuckets} requests to read (${read.panes} panes, ${buckets} buckets): have fewer buckets or longer panes, or read keys of the grouping bucketed by`,
    ],
  ]
  return advice.filter(([isNeeded]) => isNeeded).map(([, text]) => text)
}

function kilobytes(bytes: number): string {
  return bytes < 1024 ? `${whole(bytes)} bytes` : `${Math.round(bytes / 1024)} KB`
}

function whole(value: number): string {
  return String(Math.ceil(value))
}
