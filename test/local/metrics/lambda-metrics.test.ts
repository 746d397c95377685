import { expect, it } from 'vitest'
import { functionMetrics, mappingMetrics } from '../../../local/metrics/lambda-metrics.ts'
import { MetricStore } from '../../../local/services/cloudwatch/metric-store.ts'

const CALLED_MS = 1_700_000_040_000
const MINUTE_MS = 60_000
const functionName = 'tally'

function keptStore() {
  const store = new MetricStore({ nowMs: () => CALLED_MS + 30_000 })
  const dimensions = { FunctionName: functionName }
  /** What the metrics of the minute of the call are, by name. */
  const kept = (of: Readonly<Record<string, string>> = dimensions) =>
    Object.fromEntries(
      store.all().flatMap(({ name }) => {
        const range = { startMs: CALLED_MS, endMs: CALLED_MS + MINUTE_MS }
        const set = store.inPeriods({ namespace: 'AWS/Lambda', name, dimensions: of }, range, MINUTE_MS)
        return Array.from(set.values(), ({ count, sum }) => [name, [count, sum]])
      }),
    )
  return { store, kept }
}

const called = { calledMs: CALLED_MS, concurrency: 3 }

it('has invocations, errors, durations and throttles of a function, as of their call', () => {
  const { store, kept } = keptStore()
  const onCall = functionMetrics(store, functionName)
  onCall({ ...called, isThrottled: false, isError: false, durationMs: 12 })
  onCall({ ...called, isThrottled: false, isError: true, durationMs: 30 })
  onCall({ ...called, isThrottled: true })
  expect(kept()).toEqual({
    Invocations: [2, 2],
    Errors: [2, 1],
    Duration: [2, 42],
    Throttles: [3, 1],
    ConcurrentExecutions: [3, 9],
  })
})

it('has them by function, by version and of all functions together', () => {
  const { store, kept } = keptStore()
  functionMetrics(store, functionName)({ ...called, isThrottled: true })
  functionMetrics(store, 'other')({ ...called, isThrottled: true })
  expect(kept({ FunctionName: functionName }).Throttles).toEqual([1, 1])
  expect(kept({ FunctionName: functionName, Resource: functionName }).Throttles).toEqual([1, 1])
  expect(kept({}).Throttles).toEqual([2, 2])
  expect(kept({ Resource: functionName })).toEqual({})
})

it('has no concurrency of all functions, which is more than that of any', () => {
  const { store, kept } = keptStore()
  for (const name of [functionName, 'other']) functionMetrics(store, name)({ ...called, isThrottled: true })
  expect(kept().ConcurrentExecutions).toEqual([1, 3])
  expect(kept({})).toHaveProperty('Throttles')
  expect(kept({})).not.toHaveProperty('ConcurrentExecutions')
})

it('has event counts of a mapping, and of its function the iterator age and reports that failed', () => {
  const { store, kept } = keptStore()
  const uuid = '0b1c'
  const observer = mappingMetrics(store, { functionName, uuid, nowMs: () => CALLED_MS + 59_000 })
  observer.onEvents('PolledEventCount', 0)
  observer.onEvents('PolledEventCount', 7)
  observer.onEvents('DroppedEventCount', 2)
  // They are told when the function is done, which may be much later.
  observer.onIteratorAge({ ageMs: 250, sentMs: CALLED_MS })
  observer.onIteratorAge({ ageMs: 250, sentMs: CALLED_MS - MINUTE_MS })
  observer.onDestinationDeliveryFailure()
  expect(kept({ EventSourceMappingUUID: uuid })).toEqual({
    PolledEventCount: [2, 7],
    DroppedEventCount: [1, 2],
  })
  expect(kept()).toEqual({ IteratorAge: [1, 250], DestinationDeliveryFailures: [1, 1] })
  expect(store.get({ namespace: 'AWS/Lambda', name: 'IteratorAge', dimensions: {} })?.unit).toBe(
    'Milliseconds',
  )
})
