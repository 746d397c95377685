import { describe, expect, it } from 'vitest'
import {
  fitServiceTimes,
  type Invocation,
  invocationsIn,
  warmInvocations,
} from '../../../infra/tuning/service-times.ts'

const invocation = (records: number, durationMs: number, storeRequests = 1): Invocation => ({
  logStreamName: 'one',
  records,
  storeRequests,
  swapConflicts: 0,
  durationMs,
})

const report = (durationMs: number): string =>
  `REPORT RequestId: 8f7c\tDuration: ${durationMs.toFixed(2)} ms\tBilled Duration: 9 ms\tMemory Size: 512 MB\t`
const counts = (records: number, requests: number): string =>
  JSON.stringify({
    _aws: { CloudWatchMetrics: [] },
    service: 'flights',
    Records: records,
    StoreRequests: requests,
    SwapConflicts: 1,
  })

describe('the invocations in a log', () => {
  it('are reports with the counts before them in the same stream, however the streams are mixed', () => {
    const lines = [
      ['a', counts(100, 1)],
      ['b', counts(7, 3)],
      ['b', report(4.5)],
      ['a', 'REPORT of something else'],
      ['a', report(12.25)],
    ] as const
    expect(invocationsIn(lines.map(([logStreamName, message]) => ({ logStreamName, message })))).toEqual([
      { logStreamName: 'b', records: 7, storeRequests: 3, swapConflicts: 1, durationMs: 4.5 },
      { logStreamName: 'a', records: 100, storeRequests: 1, swapConflicts: 1, durationMs: 12.25 },
    ])
  })

  it('leave out one that failed before it counted', () => {
    const lines = [report(3), counts(5, 1), report(4), report(5)]
    expect(invocationsIn(lines.map((message) => ({ logStreamName: 'a', message })))).toHaveLength(1)
  })

  it('are warm after some of each environment', () => {
    const some = ['a', 'a', 'b', 'a', 'a', 'b', 'a'].map((logStreamName) => ({
      ...invocation(1, 1),
      logStreamName,
    }))
    expect(warmInvocations(some)).toHaveLength(2)
  })
})

describe('the service times', () => {
  it('are the line through the invocations', () => {
    const sizes = [1, 10, 50, 100, 100, 200, 300, 400, 500, 1_000]
    const times = fitServiceTimes(sizes.map((records) => invocation(records, 20 + 0.25 * records, 2)))
    expect(times.batchMs).toBeCloseTo(20)
    expect(times.recordMs).toBeCloseTo(0.25)
    expect(times).toMatchObject({ requestsPerBatch: 2, invocations: 10 })
  })

  it('are never below zero, and still right on average', () => {
    const steep = Array.from({ length: 10 }, (_, index) => invocation(10 + index, 1 + 20 * index))
    const falling = Array.from({ length: 10 }, (_, index) => invocation(10 + index, 50 - index))
    expect(fitServiceTimes(steep)).toMatchObject({ batchMs: 0, recordMs: 91 / 14.5 })
    expect(fitServiceTimes(falling)).toMatchObject({ batchMs: 45.5, recordMs: 0 })
  })

  it('are refused where there is too little to tell', () => {
    const same = Array.from({ length: 10 }, () => invocation(100, 20))
    expect(() => fitServiceTimes(same)).toThrow('all batches are of 100 records: send some of another size')
    expect(() => fitServiceTimes(same.slice(1))).toThrow('9 warm invocations are too few')
  })
})
