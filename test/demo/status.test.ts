import { expect, test } from 'vitest'
import { inLines, statusInWords, statusOf } from '../../demo/status.ts'
import { MetricStore } from '../../local/services/cloudwatch/metric-store.ts'

const NOW_MS = 1_700_000_040_000
const arnOf = (functionName: string): string =>
  `arn:aws:lambda:us-east-1:000000000000:function:${functionName}`

/** A stack of a stream and a table with a function each, and a way to add to its metrics. */
function watchedStack() {
  const metrics = new MetricStore({ nowMs: () => NOW_MS })
  const add = (
    namespace: string,
    name: string,
    dimensions: Readonly<Record<string, string>>,
    [value, agoMs = 0]: readonly [value: number, agoMs?: number],
  ): void =>
    metrics.add({ namespace, name, dimensions }, { value, unit: 'Count', timestampMs: NOW_MS - agoMs })
  return {
    stack: {
      endpoints: { dynamodb: 'http://127.0.0.1:1' },
      metrics,
      names: { streams: { Stream: 'readings' }, tables: {}, buckets: {}, queues: {}, functions: {} },
      functions: new Map([
        ['of-stream', undefined],
        ['of-table', undefined],
      ]),
      mappings: [
        {
          streamArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/readings',
          functionArn: arnOf('of-stream'),
        },
        {
          streamArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/s',
          functionArn: arnOf('of-table'),
        },
      ],
    },
    ofFunction: (functionName: string, name: string, ...value: readonly [value: number, agoMs?: number]) =>
      add('AWS/Lambda', name, { FunctionName: functionName }, value),
    ofPipeline: (pipeline: string, name: string, value: number) =>
      add('streamtally-dev', name, { service: pipeline }, [value]),
    add,
  }
}

test('counts are those of the pipelines, and of all functions and streams together', () => {
  const { stack, add, ofFunction, ofPipeline } = watchedStack()
  ofPipeline('flights', 'Counted', 7)
  ofPipeline('flights', 'Duplicates', 2)
  ofPipeline('orders', 'Counted', 5)
  ofPipeline('orders', 'Rejected', 1)
  ofPipeline('flights', 'Rejected', 3)
  for (const name of ['of-stream', 'of-table']) {
    ofFunction(name, 'Invocations', 4)
    ofFunction(name, 'Errors', 1)
    ofFunction(name, 'Throttles', 2)
  }
  add('AWS/Kinesis', 'WriteProvisionedThroughputExceeded', { StreamName: 'readings' }, [9])
  expect(statusOf(stack, NOW_MS)).toEqual({
    changes: 5,
    counted: 7,
    duplicates: 2,
    rejected: 4,
    iteratorAgeMs: undefined,
    invocations: 8,
    concurrency: 0,
    errors: 2,
    throttles: 4,
    throttledWrites: 9,
  })
})

test('the iterator age is that of the latest second, of functions of streams', () => {
  const { stack, ofFunction } = watchedStack()
  ofFunction('of-stream', 'IteratorAge', 900, 5_000)
  ofFunction('of-stream', 'IteratorAge', 300, 1_000)
  ofFunction('of-stream', 'IteratorAge', 200, 1_000)
  ofFunction('of-table', 'IteratorAge', 60_000)
  expect(statusOf(stack, NOW_MS).iteratorAgeMs).toBe(300)
  expect(statusOf(stack, NOW_MS + 60_000).iteratorAgeMs).toBeUndefined()
})

test('the concurrency is the most of late, of all functions', () => {
  const { stack, ofFunction } = watchedStack()
  ofFunction('of-stream', 'ConcurrentExecutions', 9, 30_000)
  ofFunction('of-stream', 'ConcurrentExecutions', 4, 8_000)
  ofFunction('of-stream', 'ConcurrentExecutions', 1)
  ofFunction('of-table', 'ConcurrentExecutions', 2)
  expect(statusOf(stack, NOW_MS).concurrency).toBe(6)
})

test('a status is in words, with - for an age that is long ago', () => {
  const { stack, ofFunction } = watchedStack()
  ofFunction('of-stream', 'IteratorAge', 1_234)
  expect(statusInWords({ ...statusOf(stack, NOW_MS), counted: 1_500 }, 99.6).join(', ')).toBe(
    '1,500 departures counted (100/s), 0 duplicates dropped, 0 rejected, 0 changes of orders counted, ' +
      'iterator age 1,234 ms, 0 invocations, 0 at once, 0 errors, 0 throttles, 0 writes held back',
  )
  expect(statusInWords(statusOf(stack, NOW_MS + 60_000), 0)).toContain('iterator age - ms')
})

test('items are in as few lines as have room for them', () => {
  const items = ['1 one', '22 two', '3 three']
  expect(inLines(items, 80)).toEqual(['1 one, 22 two, 3 three'])
  expect(inLines(items, 14)).toEqual(['1 one, 22 two,', '3 three'])
  expect(inLines(items, 13)).toEqual(['1 one,', '22 two,', '3 three'])
  expect(inLines(items, 1)).toEqual(['1 one,', '22 two,', '3 three'])
  expect(inLines([], 80)).toEqual([])
})
