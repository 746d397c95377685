import { expect, it } from 'vitest'
import { MetricStore } from '../../../../local/services/cloudwatch/metric-store.ts'
import { MINUTE_MS, START_MS } from './start-test-cloudwatch.ts'

const metric = { namespace: 'Test', name: 'Depth', dimensions: { Queue: 'a', Host: 'b' } }
const unit = 'Count'

function storeAt(options: { maximumMetrics?: number } = {}) {
  const clock = { nowMs: START_MS }
  const store = new MetricStore({ nowMs: () => clock.nowMs, ...options })
  /** Adds a value now, after so many ms. */
  const add = (value: number, afterMs = 0): void => {
    clock.nowMs = START_MS + afterMs
    store.add(metric, { value, unit, timestampMs: clock.nowMs })
  }
  const sums = (periodMs: number, startMs = 0, endMs = Number.MAX_SAFE_INTEGER) =>
    Array.from(store.inPeriods(metric, { startMs, endMs }, periodMs), ([timeMs, { sum }]) => [
      timeMs - START_MS,
      sum,
    ])
  return { clock, store, add, sums }
}

it('has the values of each period by its beginning', () => {
  const { add, sums } = storeAt()
  add(1)
  add(2, 59_999)
  add(4, 60_000)
  expect(sums(MINUTE_MS)).toEqual([
    [0, 3],
    [60_000, 4],
  ])
  expect(sums(10_000)).toEqual([
    [0, 1],
    [50_000, 2],
    [60_000, 4],
  ])
  expect(sums(MINUTE_MS, START_MS, START_MS + MINUTE_MS)).toEqual([[0, 3]])
  expect(sums(MINUTE_MS, START_MS + 1)).toEqual([[60_000, 4]])
})

it('has periods that are multiples of their length since the epoch', () => {
  const { add, sums } = storeAt()
  add(1)
  expect(sums(5 * MINUTE_MS)).toEqual([[-(START_MS % (5 * MINUTE_MS)), 1]])
})

it('knows a metric by exactly its dimensions, in any order', () => {
  const { store, add } = storeAt()
  add(1)
  expect(store.sum({ ...metric, dimensions: { Host: 'b', Queue: 'a' } })).toBe(1)
  expect(store.sum({ ...metric, dimensions: { Queue: 'a' } })).toBe(0)
  expect(store.sum({ ...metric, dimensions: { Queue: 'b', Host: 'a' } })).toBe(0)
  expect(store.sum({ ...metric, name: 'Other' })).toBe(0)
  expect(store.sum({ ...metric, namespace: 'Other' })).toBe(0)
  expect(store.get(metric)).toMatchObject({ unit, latestMs: START_MS })
})

it('forgets seconds after a quarter of an hour and minutes after a day, but never the sum', () => {
  const { store, add, sums } = storeAt()
  add(1)
  add(2, 15 * MINUTE_MS - 1_000)
  expect(sums(1_000)).toHaveLength(2)
  add(4, 15 * MINUTE_MS)
  expect(sums(1_000)).toHaveLength(2)
  expect(sums(MINUTE_MS)).toHaveLength(3)
  add(8, 24 * 60 * MINUTE_MS)
  expect(sums(MINUTE_MS)).toHaveLength(3)
  expect(store.sum(metric)).toBe(15)
})

it.each([
  ['a day old', 1, -24 * 60 * MINUTE_MS],
  ['over two hours ahead', 1, 120 * MINUTE_MS + 1],
  ['no number', Number.NaN, 0],
  ['infinite', Infinity, 0],
])('does not take what is %s', (_what, value, afterMs) => {
  const { store } = storeAt()
  store.add(metric, { value, unit, timestampMs: START_MS + afterMs })
  expect(store.all()).toEqual([])
  // The control.
  store.add(metric, { value: 1, unit, timestampMs: START_MS + 120 * MINUTE_MS })
  expect(store.all()).toHaveLength(1)
})

it('drops the metric that was written longest ago when there are too many', () => {
  const { store } = storeAt({ maximumMetrics: 2 })
  const add = (name: string): void =>
    store.add({ ...metric, name }, { value: 1, unit, timestampMs: START_MS })
  for (const name of ['a', 'b', 'a', 'c']) add(name)
  expect(store.all().map(({ name }) => name)).toEqual(['a', 'c'])
})

it('what is read is not what is kept', () => {
  const { store, add, sums } = storeAt()
  add(1)
  const range = { startMs: 0, endMs: Number.MAX_SAFE_INTEGER }
  for (const set of store.inPeriods(metric, range, MINUTE_MS).values()) set.sum = 99
  expect(sums(MINUTE_MS)).toEqual([[0, 1]])
})
