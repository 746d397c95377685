import { expect, it } from 'vitest'
import { kinesisMetrics } from '../../../local/metrics/kinesis-metrics.ts'
import { MetricStore } from '../../../local/services/cloudwatch/metric-store.ts'
import type { StreamCall } from '../../../local/services/kinesis/stream-call.ts'

const NOW_MS = 1_700_000_040_000
const streamName = 'flights'

/** The sums of all metrics of a stream, by name, after these calls. */
function sumsAfter(...calls: readonly StreamCall[]) {
  const store = new MetricStore({ nowMs: () => NOW_MS })
  for (const call of calls) kinesisMetrics(store, () => NOW_MS)(call)
  const dimensions = { StreamName: streamName }
  const sums = store.all().map(({ namespace, name }) => [name, store.sum({ namespace, name, dimensions })])
  const units = store.all().map(({ name, unit }) => [name, unit])
  return {
    sums: Object.fromEntries(sums) as Record<string, number>,
    units: Object.fromEntries(units) as Record<string, string>,
  }
}

it('counts what PutRecords wrote and what was refused', () => {
  const { sums, units } = sumsAfter({
    operation: 'PutRecords',
    streamName,
    records: 5,
    recordBytes: 500,
    throttledRecords: 3,
    failedRecords: 1,
  })
  expect(sums).toEqual({
    IncomingRecords: 5,
    IncomingBytes: 500,
    WriteProvisionedThroughputExceeded: 3,
    'PutRecords.Bytes': 500,
    'PutRecords.Success': 1,
    'PutRecords.Records': 5,
    'PutRecords.TotalRecords': 9,
    'PutRecords.SuccessfulRecords': 5,
    'PutRecords.ThrottledRecords': 3,
    'PutRecords.FailedRecords': 1,
  })
  expect(units).toMatchObject({ IncomingBytes: 'Bytes', IncomingRecords: 'Count' })
})

it('counts a PutRecord that was refused as no success', () => {
  const call = { operation: 'PutRecord', streamName, records: 0, recordBytes: 0, failedRecords: 0 } as const
  expect(sumsAfter({ ...call, throttledRecords: 1 }).sums).toEqual({
    IncomingRecords: 0,
    IncomingBytes: 0,
    WriteProvisionedThroughputExceeded: 1,
    'PutRecord.Bytes': 0,
    'PutRecord.Success': 0,
  })
})

it('counts reads, and how old the last record was', () => {
  const call = { operation: 'GetRecords', streamName } as const
  const { sums, units } = sumsAfter(
    { ...call, isThrottled: false, records: 4, recordBytes: 40, lastAgeMs: 120 },
    { ...call, isThrottled: true, records: 0, recordBytes: 0, lastAgeMs: 0 },
  )
  expect(sums).toEqual({
    'GetRecords.Records': 4,
    'GetRecords.Bytes': 40,
    'GetRecords.Success': 1,
    'GetRecords.IteratorAgeMilliseconds': 120,
    ReadProvisionedThroughputExceeded: 1,
  })
  expect(units['GetRecords.IteratorAgeMilliseconds']).toBe('Milliseconds')
})

it('has a value where nothing was throttled: 0', () => {
  const { sums } = sumsAfter({
    operation: 'GetRecords',
    streamName,
    isThrottled: false,
    records: 0,
    recordBytes: 0,
    lastAgeMs: 0,
  })
  expect(sums).toMatchObject({ ReadProvisionedThroughputExceeded: 0, 'GetRecords.Success': 1 })
})
