/** Lambda's own bounds of an event source mapping (its API reference, CreateEventSourceMapping). */
const mostLanesOfShard = 10
const mostBatchSize = 10_000
const mostBatchingWindowMs = 300_000
/** Filters of a mapping: without asking, and after asking (Lambda's page on event filtering). */
const filterQuotas = { usual: 5, most: 10 }

/** What the consumer takes from a pipeline's definition; durations are milliseconds. */
export interface ConsumedPipeline {
  readonly name: string
  readonly maximumRecordAgeMs: number
  /** Its function may run for no longer: later writes could meet a cell that expires, or a window that is final. */
  readonly longestInvocationMs: number
  readonly retentionMs: number
  /** What the retention has to leave beside an invocation. */
  readonly retentionMarginMs: number
  /** Its records are changes of rows; what a change takes away is in the old image. */
  readonly retracts: boolean
}

/** All that decides whether a mapping and its function go together; durations are milliseconds. */
export interface PlannedMapping {
  readonly pipeline: ConsumedPipeline
  readonly source: {
    readonly kind: 'stream' | 'table'
    readonly shardCount?: number
    readonly viewType?: string
  }
  readonly parallelizationFactor: number
  readonly batchSize: number
  readonly batchingWindowMs: number
  readonly timeoutMs: number
  readonly tumblingWindowMs: number
  readonly filterPatterns: readonly string[]
  readonly filterQuota?: number
  /** -1 is without end. */
  readonly recordAgeMs: number
  readonly isReplay: boolean
  readonly reservedConcurrency?: number
  readonly provisionedConcurrency?: number
  readonly isFifo: boolean
}

/**
 * Refuses what AWS would refuse in the middle of a deployment, and what it would take although it cannot work.
 * @throws Error that names the pipeline and says what to change, all at once.
 */
export function checkMapping(planned: PlannedMapping): void {
  const problems = [
    ...mappingProblems(planned),
    ...timeProblems(planned),
    ...filterProblems(planned),
    ...concurrencyProblems(planned),
  ]
  if (problems.length > 0) throw new Error(`pipeline ${planned.pipeline.name}: ${problems.join('; ')}`)
}

function* mappingProblems(planned: PlannedMapping): Iterable<string> {
  const { parallelizationFactor: factor, batchSize, tumblingWindowMs, source } = planned
  if (!isWhole(factor, 1, mostLanesOfShard))
    yield `the parallelization factor must be a whole number from 1 to ${mostLanesOfShard}, not ${factor}`
  if (tumblingWindowMs > 0 && factor > 1)
    yield 'a tumbling window goes with a parallelization factor of 1 only: take the window away, as the pipeline has its own, or set the factor to 1'
  // Over 10 records need no batching window: Lambda takes that of streams, whatever its API reference says.
  if (!isWhole(batchSize, 1, mostBatchSize))
    yield `the batch size must be a whole number from 1 to ${mostBatchSize}, not ${batchSize}`
  if (planned.isFifo)
    yield 'discarded batches cannot go to a FIFO queue or topic: give a standard one, or none for the failed-records bucket'
  if (source.kind === 'table' && source.viewType !== undefined && source.viewType !== 'NEW_AND_OLD_IMAGES')
    yield `the table's stream must have both images, NEW_AND_OLD_IMAGES, not ${source.viewType}`
}

function* timeProblems(planned: PlannedMapping): Iterable<string> {
  const { pipeline, timeoutMs, batchingWindowMs, recordAgeMs, isReplay, source } = planned
  const { longestInvocationMs, retentionMs, retentionMarginMs, maximumRecordAgeMs } = pipeline
  if (timeoutMs > longestInvocationMs) yield `the time-out must be at most ${longestInvocationMs / 1_000} s`
  const leastRetentionMs = retentionMarginMs + timeoutMs
  if (retentionMs < leastRetentionMs)
    yield `its retention of ${retentionMs / 1_000} s must be at least ${leastRetentionMs / 1_000} s, the time-out and a margin: lengthen it in the definition, or shorten the time-out`
  if (batchingWindowMs % 1_000 !== 0 || !isWhole(batchingWindowMs, 0, mostBatchingWindowMs))
    yield `the batching window must be whole seconds from 0 to ${mostBatchingWindowMs / 1_000}, not ${batchingWindowMs / 1_000}`
  if (isReplay) {
    if (recordAgeMs !== -1) yield 'a replay has no record age: the oldest records are what it is for'
    if (source.kind === 'table') yield "a table's stream cannot be read from a time on, so it has no replay"
    return
  }
  if (recordAgeMs !== maximumRecordAgeMs)
    yield `the record age must be that of its definition, ${maximumRecordAgeMs / 1_000} s: change maximumRecordAge there, as the cells' lifetime follows from it`
  if (batchingWindowMs + timeoutMs >= maximumRecordAgeMs)
    yield `records of ${maximumRecordAgeMs / 1_000} s are given up, so batching window and time-out together must be shorter than that`
}

function* filterProblems(planned: PlannedMapping): Iterable<string> {
  const { filterPatterns: patterns, filterQuota = filterQuotas.usual, pipeline, tumblingWindowMs } = planned
  if (!isWhole(filterQuota, filterQuotas.usual, filterQuotas.most))
    yield `the filter quota is from ${filterQuotas.usual} to ${filterQuotas.most}, as the account has it, not ${filterQuota}`
  if (patterns.length > filterQuota)
    yield `${patterns.length} filters are more than ${filterQuota}: join them with "or" lists, or have the account's quota raised, to ${filterQuotas.most} at most`
  for (const pattern of patterns)
    if (!isJsonObject(pattern)) yield `the filter ${pattern} is no JSON object, as an event pattern is`
  if (patterns.length > 0 && pipeline.retracts)
    yield 'filters would hide changes from a pipeline that takes back what it counted, so rows would be counted that are gone: filter in the definition, with where'
  if (patterns.length > 0 && tumblingWindowMs > 0) yield 'filters do not go with a tumbling window'
}

function* concurrencyProblems(planned: PlannedMapping): Iterable<string> {
  const { reservedConcurrency: reserved, provisionedConcurrency: provisioned, source } = planned
  const lanes = (source.shardCount ?? 1) * planned.parallelizationFactor
  if (reserved !== undefined && reserved < lanes)
    yield `a reserved concurrency of ${reserved} is less than its ${lanes} lanes, shards x factor, which would throttle each other: reserve more, or lower the factor`
  if (provisioned !== undefined && !isWhole(provisioned, 1, reserved ?? Infinity))
    yield `the provisioned concurrency is from 1 to what is reserved${reserved === undefined ? '' : `, ${reserved}`}, not ${provisioned}`
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= most
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}
