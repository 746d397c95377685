import { afterEach, beforeEach, expect, type MockInstance, test, vi } from 'vitest'
import { batchTelemetry } from '../../../consumers/adapters/telemetry.ts'
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

test('a batch is one line in the embedded metric format, with every count under the pipeline’s name', () => {
  batchTelemetry('flights')(report)
  const lines = linesOut()
  expect(lines).toEqual([
    {
      _aws: { Timestamp: expect.any(Number), CloudWatchMetrics: [expect.objectContaining({})] },
      service: 'flights',
      Records: 15,
      Counted: 4,
      Duplicates: 3,
      Filtered: 5,
      Rejected: 2,
      Unfinished: 1,
      StoreRequests: 5,
      StoreFailures: 0,
    },
  ])
  const names = [
    'Records',
    'Counted',
    'Duplicates',
    'Filtered',
    'Rejected',
    'Unfinished',
    'StoreRequests',
    'StoreFailures',
  ]
  expect(lines).toMatchObject([
    {
      _aws: {
        CloudWatchMetrics: [
          {
            Namespace: 'Streamtally',
            Dimensions: [['service']],
            Metrics: names.map((Name) => ({ Name, Unit: 'Count' })),
          },
        ],
      },
    },
  ])
  expect(stderr).not.toHaveBeenCalled()
})

test('the next batch is a line of its own, with its own counts', () => {
  const publish = batchTelemetry('flights')
  publish(report)
  publish({ ...report, records: 1, counted: 0 })
  expect(linesOut()).toMatchObject([
    { Records: 15, Counted: 4 },
    { Records: 1, Counted: 0 },
  ])
})

test('store requests that failed are counted, and said by code', () => {
  const storeFailures = ['TIMEOUT_ERROR', 'LIMIT_EXCEEDED_ERROR', 'TIMEOUT_ERROR']
  batchTelemetry('flights')({ ...report, storeFailures })
  expect(linesOut()).toMatchObject([{ StoreFailures: 3 }])
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
  batchTelemetry('flights')({ ...report, failedRecordsError: new NoSuchBucket('{"card":"4111"}') })
  expect(stderr.mock.calls.map(([line]): unknown => JSON.parse(String(line)))).toEqual([
    { level: 'ERROR', message: 'rejected records could not be written', error: 'NoSuchBucket' },
  ])
  expect(linesOut()).toHaveLength(1)
})
