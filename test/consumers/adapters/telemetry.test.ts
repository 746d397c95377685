import { afterEach, beforeEach, expect, type MockInstance, test, vi } from 'vitest'
import * as z from 'zod'
import type { PortUse } from '../../../consumers/adapters/measured-ports.ts'
import { batchTelemetry } from '../../../consumers/adapters/telemetry.ts'
import type { RejectReason } from '../../../consumers/engine/errors.ts'
import type { BatchReport } from '../../../consumers/engine/process-batch.ts'

const report: BatchReport = {
  records: 15,
  counted: 4,
  duplicates: 3,
  filtered: 5,
  rejected: 2,
  unfinished: 1,
  firstUnfinished: 14,
  storeRequests: 5,
  storeFailures: [],
  failedRecordsError: undefined,
}
const use: PortUse = {
  latenciesMs: [2.345, 4],
  bytesRead: 100,
  bytesWritten: 200,
  conflicts: 3,
  rejectReasons: ['late', 'not-json'],
}

let stdout: MockInstance<typeof process.stdout.write>
let stderr: MockInstance<typeof console.error>
beforeEach(() => {
  stdout = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  stderr = vi.spyOn(console, 'error').mockReturnValue(undefined)
})
afterEach(() => {
  vi.restoreAllMocks()
})

function linesOut(): unknown[] {
  const text = stdout.mock.calls.map(([chunk]) => String(chunk)).join('')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line))
}

/** The metrics that a line declares, with their units. */
function declared(line: unknown): unknown {
  return z
    .object({ _aws: z.object({ CloudWatchMetrics: z.array(z.object({ Metrics: z.unknown() })) }) })
    .parse(line)
    ._aws.CloudWatchMetrics.map(({ Metrics: metrics }) => metrics)
}

test('a batch is one line in the embedded metric format, with every number under the pipeline’s name', () => {
  batchTelemetry('shop', 'flights')(report, use)
  const lines = linesOut()
  const counts = {
    Records: 15,
    Counted: 4,
    Duplicates: 3,
    Filtered: 5,
    Rejected: 2,
    Unfinished: 1,
    Invalid: 1,
    Late: 1,
    StoreRequests: 5,
    StoreFailures: 0,
    StoreLimitRefusals: 0,
    SwapConflicts: 3,
    ColdStarts: 1,
  }
  expect(lines).toEqual([
    {
      _aws: {
        Timestamp: expect.any(Number),
        CloudWatchMetrics: [{ Namespace: 'shop', Dimensions: [['service']], Metrics: expect.any(Array) }],
      },
      service: 'flights',
      ...counts,
      StoreBytesRead: 100,
      StoreBytesWritten: 200,
      StoreLatency: [2.3, 4],
    },
  ])
  expect(declared(lines[0])).toEqual([
    [
      ...Object.keys(counts).map((Name) => ({ Name, Unit: 'Count' })),
      { Name: 'StoreBytesRead', Unit: 'Bytes' },
      { Name: 'StoreBytesWritten', Unit: 'Bytes' },
      { Name: 'StoreLatency', Unit: 'Milliseconds' },
    ],
  ])
  expect(stderr).not.toHaveBeenCalled()
})

test('the next batch is a line of its own, with its own counts, in an environment that is no longer new', () => {
  const publish = batchTelemetry('shop', 'flights')
  publish(report, use)
  publish({ ...report, records: 1, counted: 0 }, { ...use, latenciesMs: [], rejectReasons: ['expired'] })
  const [first, second] = linesOut()
  expect(first).toMatchObject({ Records: 15, Counted: 4, ColdStarts: 1, Late: 1, Invalid: 1 })
  expect(second).toMatchObject({ Records: 1, Counted: 0, ColdStarts: 0, Late: 0, Invalid: 0, Expired: 1 })
  expect(first).not.toHaveProperty('Expired')
  expect(second).not.toHaveProperty('StoreLatency')
})

test('every reason to reject a record is counted under what can be done about it', () => {
  const reasons: readonly [string, readonly RejectReason[]][] = [
    ['Invalid', ['too-large', 'not-utf8', 'too-deep', 'not-json', 'wrong-shape', 'invalid-time']],
    ['Invalid', ['invalid-key', 'invalid-value', 'from-the-future']],
    ['Late', ['late']],
    ['Expired', ['expired']],
    ['OverCap', ['over-cap']],
    ['PipelineFaults', ['pipeline-threw', 'unknown-source', 'missing-images']],
  ]
  const publish = batchTelemetry('shop', 'flights')
  for (const [, rejectReasons] of reasons) publish(report, { ...use, rejectReasons })
  expect(linesOut()).toMatchObject(reasons.map(([name, { length }]) => ({ [name]: length })))
})

test.each([99, 100, 101, 2_000])(
  'the latencies of %i requests are one line, from the least to the most, evenly',
  (requests) => {
    // Neither in order nor its reverse.
    const latenciesMs = Array.from({ length: requests }, (_, index) => (index * 7) % requests)
    batchTelemetry('shop', 'flights')(report, { ...use, latenciesMs })
    const lines = linesOut()
    expect(lines).toHaveLength(1)
    const sample = z.object({ StoreLatency: z.array(z.number()) }).parse(lines[0]).StoreLatency
    const sorted = sample.toSorted((a, b) => a - b)
    expect(sorted).toHaveLength(99)
    expect([sorted[0], sorted[98]]).toEqual([0, requests - 1])
    expect(Math.abs((sorted[49] ?? 0) - (requests - 1) / 2)).toBeLessThan(1)
    expect(stderr).not.toHaveBeenCalled()
  },
)

test('store requests that failed are counted, those over a limit on their own, and said by code', () => {
  const storeFailures = ['TIMEOUT_ERROR', 'LIMIT_EXCEEDED_ERROR', 'TIMEOUT_ERROR']
  batchTelemetry('shop', 'flights')({ ...report, storeFailures }, use)
  expect(linesOut()).toMatchObject([{ StoreFailures: 3, StoreLimitRefusals: 1 }])
  expect(stderr.mock.calls.map(([line]): unknown => JSON.parse(String(line)))).toEqual([
    {
      level: 'WARN',
      message: 'store requests failed',
      failures: { TIMEOUT_ERROR: 2, LIMIT_EXCEEDED_ERROR: 1 },
    },
  ])
})

test('a failed write of rejected records is said by the error’s name, for its message may quote a payload', () => {
  class NoSuchBucket extends Error {
    override readonly name = 'NoSuchBucket'
  }
  batchTelemetry('shop', 'flights')(
    { ...report, failedRecordsError: new NoSuchBucket('{"card":"4111"}') },
    use,
  )
  expect(stderr.mock.calls.map(([line]): unknown => JSON.parse(String(line)))).toEqual([
    { level: 'ERROR', message: 'rejected records could not be written', error: 'NoSuchBucket' },
  ])
  expect(linesOut()).toHaveLength(1)
})
