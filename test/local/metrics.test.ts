import * as fc from 'fast-check'
import { expect, it, onTestFinished, vi } from 'vitest'
import { batchTelemetry } from '../../consumers/adapters/telemetry.ts'
import { MetricSums } from '../../local/metrics.ts'

interface Written {
  readonly dimensions?: readonly (readonly string[])[]
  readonly names?: readonly string[]
  readonly values: Readonly<Record<string, unknown>>
}

function emf({ dimensions = [['service']], names = ['Counted'], values }: Written): string {
  const declared = {
    Namespace: 'Streamtally',
    Dimensions: dimensions,
    Metrics: names.map((Name) => ({ Name, Unit: 'Count' })),
  }
  return JSON.stringify({
    _aws: { Timestamp: 0, CloudWatchMetrics: [declared] },
    service: 'flights',
    ...values,
  })
}

it('adds up a metric over all lines', () => {
  const sums = new MetricSums()
  expect(sums.add(emf({ values: { Counted: 3 } }))).toBe(true)
  expect(sums.add(emf({ values: { Counted: 4 } }))).toBe(true)
  expect(sums.sum('Streamtally', ['service=flights'], 'Counted')).toBe(7)
})

it('adds up the values of a line that carries several of one metric', () => {
  const sums = new MetricSums()
  sums.add(emf({ values: { Counted: [1, 2, 3] } }))
  expect(sums.sum('Streamtally', ['service=flights'], 'Counted')).toBe(6)
})

it('keeps apart what differs in name, dimension or namespace', () => {
  const sums = new MetricSums()
  sums.add(emf({ names: ['Counted', 'Rejected'], values: { Counted: 1, Rejected: 2 } }))
  sums.add(emf({ values: { service: 'orders', Counted: 4 } }))
  expect(sums.sum('Streamtally', ['service=flights'], 'Counted')).toBe(1)
  expect(sums.sum('Streamtally', ['service=flights'], 'Rejected')).toBe(2)
  expect(sums.sum('Streamtally', ['service=orders'], 'Counted')).toBe(4)
  expect(sums.sum('Other', ['service=flights'], 'Counted')).toBe(0)
})

it('counts a line once in each of its sets of dimensions, whatever their order', () => {
  const sums = new MetricSums()
  sums.add(emf({ dimensions: [['service', 'shard'], []], values: { shard: '7', Counted: 5 } }))
  expect(sums.sum('Streamtally', ['shard=7', 'service=flights'], 'Counted')).toBe(5)
  expect(sums.sum('Streamtally', [], 'Counted')).toBe(5)
  expect(sums.sum('Streamtally', ['service=flights'], 'Counted')).toBe(0)
})

it('does not take a metric that is declared and not given for a number', () => {
  const sums = new MetricSums()
  sums.add(emf({ values: { Counted: 2 } }))
  sums.add(emf({ values: {} }))
  expect(sums.sum('Streamtally', ['service=flights'], 'Counted')).toBe(2)
})

it.each([
  'a line of text',
  '{"level":"INFO"}',
  'the member "CloudWatchMetrics" in a text that is no JSON',
  '{"_aws":{"CloudWatchMetrics":"none"}}',
])('leaves a line that is no metrics to the log: %s', (line) => {
  expect(new MetricSums().add(line)).toBe(false)
})

it('never throws, whatever a function logs', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), fc.boolean(), (text, named) => {
      expect(new MetricSums().add(named ? `${text}"CloudWatchMetrics"` : text)).toBe(false)
    }),
  )
})

it('understands what the functions write', () => {
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
  batchTelemetry('flights')(report, {
    latenciesMs: [3, 4],
    bytesRead: 10,
    bytesWritten: 20,
    conflicts: 0,
    rejectReasons: ['late'],
  })
  const sums = new MetricSums()
  expect(lines.map((line) => sums.add(line))).toEqual([true])
  const sumOf = (name: string): number => sums.sum('Streamtally', ['service=flights'], name)
  expect(['Records', 'Counted', 'Duplicates', 'Filtered', 'Rejected', 'StoreRequests'].map(sumOf)).toEqual([
    13, 5, 3, 4, 1, 2,
  ])
  expect(['Late', 'StoreLatency', 'StoreBytesWritten'].map(sumOf)).toEqual([1, 7, 20])
})
