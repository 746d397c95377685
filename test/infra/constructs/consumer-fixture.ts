import { App, Stack } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { Stream, StreamEncryption } from 'aws-cdk-lib/aws-kinesis'
import { FailedRecordsBucket } from '../../../infra/constructs/failed-records-bucket.ts'
import { MomentoSecret } from '../../../infra/constructs/momento-secret.ts'
import { StreamConsumer, type StreamConsumerProps } from '../../../infra/constructs/stream-consumer.ts'
import { streamSource } from '../../../infra/sources.ts'
import { SynthesisedTemplate } from '../synthesised.ts'

export function testStack(): Stack {
  return new Stack(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), 'test')
}

/** A consumer of a stream of one shard, with `differing` settings. */
export function consume(
  differing: Partial<StreamConsumerProps> | ((stack: Stack) => Partial<StreamConsumerProps>) = {},
): { readonly consumer: StreamConsumer; readonly template: () => SynthesisedTemplate } {
  const stack = testStack()
  const consumer = new StreamConsumer(stack, 'Consumer', {
    pipeline: {
      name: 'page-views',
      maximumRecordAgeMs: 120_000,
      longestInvocationMs: 60_000,
      retentionMs: 3_600_000,
      retentionMarginMs: 70_000,
      retracts: false,
    },
    entry: import.meta.filename,
    source: streamSource(
      new Stream(stack, 'Stream', { shardCount: 1, encryption: StreamEncryption.MANAGED }),
    ),
    momentoSecret: new MomentoSecret(stack, 'Secret'),
    momentoCacheName: 'cache',
    failedRecords: new FailedRecordsBucket(stack, 'FailedRecords'),
    parallelizationFactor: 1,
    ...(typeof differing === 'function' ? differing(stack) : differing),
  })
  return { consumer, template: () => new SynthesisedTemplate(Template.fromStack(stack)) }
}
