import { shardLimit, wholeCpuMemoryMb } from './service-limits.ts'

/** What a stream is expected to carry, and what a function takes for it. */
export interface Workload {
  /** Of the whole stream, over a day. */
  readonly meanRecordsPerSecond: number
  /** Of the whole stream, in its busiest minutes. */
  readonly peakRecordsPerSecond: number
  /** Of one record, with its partition key. */
  readonly recordBytes: number
  /** Different partition keys in a minute. */
  readonly partitionKeys: number
  /** The share of the records that the busiest key has, 0 to 1. Default: all keys are equally busy. */
  readonly busiestKeyShare?: number
  /** What a batch takes, however many records it has: it goes once more, or longer, when another lane's swap came first. */
  readonly batchMs: number
  /** What each record of a batch takes on top. */
  readonly recordMs: number
  /** The memory with which the two were measured. Default 1,769 MB, which has a whole CPU, as a process on a laptop has. */
  readonly measuredMemoryMb?: number
  /** How old a record may be at the peak when it is counted. */
  readonly lagTargetMs: number
  /** Mappings that read the stream, this one included. Default 1. */
  readonly readers?: number
  /** Default: as many as it takes. */
  readonly shardCount?: number
  /** Default: 512 MB, or more where that has too little of a CPU. */
  readonly memoryMb?: number
  /** No invocation may take longer. Default 60 seconds, as a pipeline allows. */
  readonly longestInvocationMs?: number
  /** Momento's limit. Default 100, which every new account has. */
  readonly momentoOperationsPerSecond?: number
  /** Momento requests of a batch that meets no other. Default 2: a swap, and a read for some. */
  readonly requestsPerBatch?: number
  /** What a request carries. Default 32 KB; `npm run describe` estimates it. */
  readonly cellBytes?: number
}

/** A workload with its defaults, but for what is to be found. */
export type WholeWorkload = Required<Omit<Workload, 'shardCount' | 'memoryMb'>> &
  Pick<Workload, 'shardCount' | 'memoryMb'>

/** There is no answer; the message says what to change. */
export class TuningError extends Error {
  override readonly name = 'TuningError'
  /** Whether a number is outside its range, rather than the load too much. */
  readonly isOfInput: boolean

  constructor(message: string, { isOfInput = false }: { readonly isOfInput?: boolean } = {}) {
    super(message)
    this.isOfInput = isOfInput
  }
}

/**
 * Fills in the defaults.
 * @throws TuningError that names the first number outside its range.
 */
export function wholeWorkload(workload: Workload): WholeWorkload {
  const whole = {
    busiestKeyShare: 1 / workload.partitionKeys,
    measuredMemoryMb: wholeCpuMemoryMb,
    readers: 1,
    longestInvocationMs: 60_000,
    momentoOperationsPerSecond: 100,
    requestsPerBatch: 2,
    cellBytes: 32 * 1024,
    ...workload,
  }
  const { shardCount = 1, memoryMb = 128 } = workload
  between('meanRecordsPerSecond', whole.meanRecordsPerSecond, Number.MIN_VALUE, 1e9)
  between('peakRecordsPerSecond', whole.peakRecordsPerSecond, whole.meanRecordsPerSecond, 1e9)
  between('recordBytes', whole.recordBytes, 1, 1024 ** 2)
  between('partitionKeys', whole.partitionKeys, 1, 1e15)
  between('busiestKeyShare', whole.busiestKeyShare, 1 / whole.partitionKeys, 1)
  between('batchMs', whole.batchMs, 0, 900_000)
  between('recordMs', whole.recordMs, 0, 900_000)
  if (whole.batchMs + whole.recordMs === 0) refuse('batchMs or recordMs is above 0')
  between('measuredMemoryMb', whole.measuredMemoryMb, 128, 10_240)
  between('lagTargetMs', whole.lagTargetMs, 1, 86_400_000)
  between('readers', whole.readers, 1, shardLimit.readsPerSecond)
  between('shardCount', shardCount, 1, 10_000)
  between('memoryMb', memoryMb, 128, 10_240)
  between('longestInvocationMs', whole.longestInvocationMs, 1_000, 900_000)
  between('momentoOperationsPerSecond', whole.momentoOperationsPerSecond, 1, 1e9)
  between('requestsPerBatch', whole.requestsPerBatch, 1, 1e6)
  between('cellBytes', whole.cellBytes, 1, 5_000_000)
  for (const [name, value] of Object.entries({ shardCount, memoryMb, readers: whole.readers }))
    if (!Number.isInteger(value)) refuse(`${name} is a whole number, not ${value}`)
  return whole
}

function between(name: string, value: number, least: number, most: number): void {
  // Not a number fails both comparisons.
  if (value >= least && value <= most) return
  const range = least === Number.MIN_VALUE ? `above 0 and at most ${most}` : `from ${least} to ${most}`
  refuse(`${name} is a number ${range}, not ${value}`)
}

function refuse(message: string): never {
  throw new TuningError(message, { isOfInput: true })
}
