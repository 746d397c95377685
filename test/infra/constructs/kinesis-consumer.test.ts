import { App, Stack } from 'aws-cdk-lib'
import { Stream } from 'aws-cdk-lib/aws-kinesis'
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager'
import { expect, it } from 'vitest'
import { FailedRecordsBucket } from '../../../infra/constructs/failed-records-bucket.ts'
import { KinesisConsumer } from '../../../infra/constructs/kinesis-consumer.ts'

function consume(retentionMs: number): KinesisConsumer {
  const stack = new Stack(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), 'test')
  return new KinesisConsumer(stack, 'Consumer', {
    pipeline: { name: 'page-views', maximumRecordAgeMs: 60_000, retentionMs, minimumRetentionMs: 70_000 },
    entry: import.meta.filename,
    stream: new Stream(stack, 'Stream'),
    momentoSecret: new Secret(stack, 'Secret') as ISecret,
    momentoCacheName: 'cache',
    failedRecords: new FailedRecordsBucket(stack, 'FailedRecords'),
    parallelizationFactor: 1,
  })
}

it('refuses a retention within which a function could still write to a cell that is about to expire', () => {
  expect(() => consume(99_999)).toThrow(
    'pipeline page-views: retention must be at least 100 s, or the time-out shorter',
  )
})

it('takes the shortest retention that is safe', () => {
  expect(consume(100_000).handler.timeout?.toSeconds()).toBe(30)
})
