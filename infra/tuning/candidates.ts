import { contestedTimes } from './lane.ts'
import { mappingLimit, payloadLimit, wholeCpuMemoryMb } from './service-limits.ts'
import type { WholeWorkload } from './workload.ts'

/** Settings that might do, and what a batch takes with them. */
export interface Candidate {
  readonly shardCount: number
  readonly factor: number
  readonly memoryMb: number
  readonly batchSize: number
  /** What the batch size could not pass, or why it need not be larger. */
  readonly batchSizeReason: string
  readonly batchMs: number
  /** What a batch takes once more when it is tried again: a read and a swap, or all of its fixed part where that is longer. */
  readonly repeatMs: number
  readonly recordMs: number
}

/** Enough for the code, the largest event and the copies of cells; more is worth its CPU alone. */
const memoriesMb = [512, 1_024, wholeCpuMemoryMb] as const
/** Of a full batch's time: a larger batch would save no more than that. */
const fixedShare = 0.05
/** A full batch holds up what comes behind it for no longer than this share of the lag. */
const batchShareOfLag = 0.2
/** A read and a swap. */
const requestsPerRepeat = 2
/** Batches come in these sizes, times a power of ten. */
const steps = [1, 2, 5] as const

/**
 * The settings to try for a number of shards, the best first: more memory before more lanes, as work that is done faster
 * costs no more, and the lanes of a shard are in each other's way.
 */
export function candidatesFor(workload: WholeWorkload, shardCount: number): Candidate[] {
  const memories = workload.memoryMb === undefined ? memoriesMb : [workload.memoryMb]
  const most = Math.max(...memories)
  const factors = Array.from({ length: mappingLimit.parallelizationFactor }, (_, index) => index + 1)
  return factors.flatMap((factor) =>
    memories
      .filter((memoryMb) => factor === 1 || memoryMb === most)
      .map((memoryMb) => {
        const times = timesWith(workload, memoryMb)
        const batchSize = batchSizeFor(workload, contestedTimes({ shardCount, factor, ...times }))
        return { shardCount, factor, memoryMb, ...times, ...batchSize }
      }),
  )
}

/** What a batch takes with a memory: less of it is less of a CPU. */
export function timesWith(
  { batchMs, recordMs, requestsPerBatch, measuredMemoryMb }: WholeWorkload,
  memoryMb: number,
): Pick<Candidate, 'batchMs' | 'repeatMs' | 'recordMs'> {
  const stretch = Math.min(measuredMemoryMb, wholeCpuMemoryMb) / Math.min(memoryMb, wholeCpuMemoryMb)
  return {
    batchMs: batchMs * stretch,
    repeatMs: batchMs * stretch * Math.max(1, requestsPerRepeat / requestsPerBatch),
    recordMs: recordMs * stretch,
  }
}

function batchSizeFor(
  { recordBytes, lagTargetMs }: WholeWorkload,
  { batchMs, recordMs }: Pick<Candidate, 'batchMs' | 'recordMs'>,
): Pick<Candidate, 'batchSize' | 'batchSizeReason'> {
  const longestMs = Math.max(batchShareOfLag * lagTargetMs, 2 * batchMs)
  const bounds: readonly (readonly [size: number, reason: string])[] = [
    [mappingLimit.batchSize, 'the most that a mapping takes'],
    [
      payloadLimit.bytes / (Math.ceil(recordBytes / 3) * 4 + payloadLimit.bytesAroundRecord),
      'an event of Lambda holds 6 MB',
    ],
    [
      (longestMs - batchMs) / recordMs,
      'a full batch is to hold up its lane for a fifth of the lag target at most',
    ],
    [
      (batchMs * (1 / fixedShare - 1)) / recordMs,
      'the fixed part is 5 % of a full batch then, and a larger one saves next to nothing',
    ],
  ]
  const [size, batchSizeReason] = bounds.reduce((least, bound) => (bound[0] < least[0] ? bound : least))
  return { batchSize: roundDown(size), batchSizeReason }
}

function roundDown(size: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, size)))
  return (steps.findLast((step) => step * power <= size) ?? 1) * power
}
