import { App, Duration, Stack } from 'aws-cdk-lib'
import { Stream } from 'aws-cdk-lib/aws-kinesis'
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager'
import { expect, it } from 'vitest'
import { FailedRecordsBucket } from '../../../infra/constructs/failed-records-bucket.ts'
import { StreamConsumer } from '../../../infra/constructs/stream-consumer.ts'
import { streamSource } from '../../../infra/sources.ts'

function consume(timeout: Duration): StreamConsumer {
  const stack = new Stack(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), 'test')
  return new StreamConsumer(stack, 'Consumer', {
    pipeline: { name: 'page-views', maximumRecordAgeMs: 60_000, longestInvocationMs: 60_000 },
    timeout,
    entry: import.meta.filename,
    eventSource: streamSource(new Stream(stack, 'Stream')).eventSource,
    momentoSecret: new Secret(stack, 'Secret') as ISecret,
    momentoCacheName: 'cache',
    failedRecords: new FailedRecordsBucket(stack, 'FailedRecords'),
    parallelizationFactor: 1,
  })
}

it('refuses a time-out within which a function could still write to what is final or about to expire', () => {
  expect(() => consume(Duration.seconds(61))).toThrow(
    'pipeline page-views: the time-out must be at most 60 s',
  )
})

it('takes the longest time-out that is safe', () => {
  expect(consume(Duration.seconds(60)).handler.timeout?.toSeconds()).toBe(60)
})
