import { metric } from '../../consumers/settings.ts'

/** A line of a function's log. */
export interface LogLine {
  /** Of one execution environment, whose lines are in order. */
  readonly logStreamName: string
  readonly message: string
}

/** One invocation, as its function's log tells it. */
export interface Invocation {
  readonly logStreamName: string
  readonly records: number
  readonly storeRequests: number
  /** Swaps that were refused, as another one was stored first. */
  readonly swapConflicts: number
  readonly durationMs: number
}

/** What a batch takes: `batchMs`, and `recordMs` for each of its records. */
export interface ServiceTimes {
  readonly batchMs: number
  readonly recordMs: number
  /** Momento requests of a batch, on average. */
  readonly requestsPerBatch: number
  readonly invocations: number
}

type Counts = Pick<Invocation, 'records' | 'storeRequests' | 'swapConflicts'>

/** An environment's first invocations run code that is not yet compiled. */
const coldInvocations = 3
const leastInvocations = 10

/**
 * The invocations in the lines of a function: for each REPORT line the counts of the metrics line before it in the same
 * log stream. One without counts has failed, and is left out.
 *
 * Source: AWS Lambda Developer Guide, "Sending Lambda function logs to CloudWatch Logs"; Amazon CloudWatch User Guide,
 * "Specification: Embedded metric format".
 */
export function invocationsIn(lines: Iterable<LogLine>): Invocation[] {
  const counts = new Map<string, Counts>()
  const invocations: Invocation[] = []
  for (const { logStreamName, message } of lines) {
    const count = countsIn(message)
    if (count !== undefined) counts.set(logStreamName, count)
    const [, duration] = /^REPORT RequestId: \S+\tDuration: ([\d.]+) ms\t/.exec(message) ?? []
    if (duration === undefined) continue
    const counted = counts.get(logStreamName)
    counts.delete(logStreamName)
    if (counted !== undefined) invocations.push({ logStreamName, ...counted, durationMs: Number(duration) })
  }
  return invocations
}

function countsIn(message: string): Counts | undefined {
  if (!message.includes('"CloudWatchMetrics"')) return undefined
  const number = (name: string): number | undefined => {
    const [, digits] = new RegExp(`"${name}":(\\d+)`).exec(message) ?? []
    return digits === undefined ? undefined : Number(digits)
  }
  const records = number(metric.records)
  const storeRequests = number(metric.storeRequests)
  const swapConflicts = number(metric.swapConflicts)
  if (records === undefined || storeRequests === undefined || swapConflicts === undefined) return undefined
  return { records, storeRequests, swapConflicts }
}

/** The invocations of environments that are warm. */
export function warmInvocations(invocations: readonly Invocation[]): Invocation[] {
  const seen = new Map<string, number>()
  return invocations.filter(({ logStreamName }) => {
    const before = seen.get(logStreamName) ?? 0
    seen.set(logStreamName, before + 1)
    return before >= coldInvocations
  })
}

/**
 * Fits `duration = batchMs + recordMs x records` by least squares, with neither below 0.
 * @throws Error if there are too few invocations, or all are of one size: then nothing tells the two parts apart.
 */
export function fitServiceTimes(invocations: readonly Invocation[]): ServiceTimes {
  const count = invocations.length
  if (count < leastInvocations)
    throw new Error(`${count} warm invocations are too few to measure by: at least ${leastInvocations}`)
  const mean = (value: (one: Invocation) => number): number =>
    invocations.reduce((sum, one) => sum + value(one), 0) / count
  const meanRecords = mean(({ records }) => records)
  const meanMs = mean(({ durationMs }) => durationMs)
  const spread = mean(({ records }) => (records - meanRecords) ** 2)
  if (spread === 0) throw new Error(`all batches are of ${meanRecords} records: send some of another size`)
  const slope = mean((one) => (one.records - meanRecords) * (one.durationMs - meanMs)) / spread
  const recordMs = Math.max(0, Math.min(slope, meanMs / meanRecords))
  return {
    batchMs: meanMs - recordMs * meanRecords,
    recordMs,
    requestsPerBatch: mean(({ storeRequests }) => storeRequests),
    invocations: count,
  }
}
