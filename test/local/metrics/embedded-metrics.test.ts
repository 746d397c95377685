import * as fc from 'fast-check'
import { expect, it, onTestFinished, vi } from 'vitest'
import { batchTelemetry } from '../../../consumers/adapters/telemetry.ts'
import { embeddedMetrics, keepEmbeddedMetrics } from '../../../local/metrics/embedded-metrics.ts'
import { MetricStore } from '../../../local/services/cloudwatch/metric-store.ts'

const WRITTEN_MS = 1_700_000_000_000
const LOGGED_MS = WRITTEN_MS + 7

interface Written {
  readonly timestamp?: number | undefined
  readonly dimensions?: readonly (readonly string[])[]
  readonly metrics?: readonly { readonly Name: string; readonly Unit?: string }[]
  readonly values: Readonly<Record<string, unknown>>
}

function emf(written: Written): string {
  const { dimensions = [['service']], metrics = [{ Name: 'Counted', Unit: 'Count' }], values } = written
  const declared = { Namespace: 'Streamtally', Dimensions: dimensions, Metrics: metrics }
  const { timestamp } = { timestamp: WRITTEN_MS, ...written }
  return JSON.stringify({
    _aws: { Timestamp: timestamp, CloudWatchMetrics: [declared] },
    service: 'flights',
    ...values,
  })
}

function counted(dimensions: Readonly<Record<string, string>>, value: number, timestampMs = WRITTEN_MS) {
  return {
    metric: { namespace: 'Streamtally', name: 'Counted', dimensions },
    sample: { value, timestampMs, unit: 'Count' },
  }
}

it('gives a value with its namespace, dimensions, unit and time', () => {
  expect(embeddedMetrics(emf({ values: { Counted: 3 } }), LOGGED_MS)).toEqual([
    counted({ service: 'flights' }, 3),
  ])
})

it('takes the time of the log where the line has none', () => {
  expect(embeddedMetrics(emf({ timestamp: undefined, values: { Counted: 3 } }), LOGGED_MS)).toEqual([
    counted({ service: 'flights' }, 3, LOGGED_MS),
  ])
})

it('gives each value of a list', () => {
  expect(embeddedMetrics(emf({ values: { Counted: [1, 2, 3] } }), LOGGED_MS)).toEqual(
    [1, 2, 3].map((value) => counted({ service: 'flights' }, value)),
  )
})

it('gives a value once for each set of dimensions, but not for one that names what is not there', () => {
  const line = emf({ dimensions: [['service', 'shard'], [], ['gone']], values: { shard: 7, Counted: 5 } })
  expect(embeddedMetrics(line, LOGGED_MS)).toEqual([
    counted({ service: 'flights', shard: '7' }, 5),
    counted({}, 5),
  ])
})

it('knows no unit where none is declared, and no value where none is given', () => {
  const line = emf({ metrics: [{ Name: 'Depth' }, { Name: 'Gone' }], values: { Depth: 2 } })
  expect(embeddedMetrics(line, LOGGED_MS)).toMatchObject([{ sample: { value: 2, unit: 'None' } }])
})

it.each([
  'a line of text',
  '{"level":"INFO"}',
  'the member "CloudWatchMetrics" in a text that is no JSON',
  '{"_aws":{"CloudWatchMetrics":"none"}}',
])('leaves a line that is no metrics to the log: %s', (line) => {
  expect(embeddedMetrics(line, LOGGED_MS)).toBeUndefined()
})

it('never throws, whatever a function logs', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), fc.boolean(), (text, named) => {
      expect(embeddedMetrics(named ? `${text}"CloudWatchMetrics"` : text, LOGGED_MS)).toBeUndefined()
    }),
  )
})

it('keeps what the functions write', () => {
  const lines: string[] = []
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    lines.push(String(text))
    return true
  })
  onTestFinished(() => write.mockRestore())
  const report = {
    records: 13,
    counted: 5,
    duplicates: 3,
    filtered: 4,
    rejected: 1,
    unfinished: 0,
    firstUnfinished: undefined,
    storeRequests: 2,
    storeFailures: [],
    failedRecordsError: undefined,
  }
  batchTelemetry('shop', 'flights')(report, {
    latenciesMs: [3, 4],
    bytesRead: 10,
    bytesWritten: 20,
    conflicts: 0,
    rejectReasons: ['late'],
  })
  const store = new MetricStore({ nowMs: Date.now })
  expect(lines.map((line) => keepEmbeddedMetrics(store, line, Date.now()))).toEqual([true])
  const sumOf = (name: string): number =>
    store.sum({ namespace: 'shop', name, dimensions: { service: 'flights' } })
  expect(['Records', 'Counted', 'Duplicates', 'Filtered', 'Rejected', 'StoreRequests'].map(sumOf)).toEqual([
    13, 5, 3, 4, 1, 2,
  ])
  expect(['Late', 'StoreLatency', 'StoreBytesWritten'].map(sumOf)).toEqual([1, 7, 20])
})
