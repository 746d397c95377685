import { Duration, type Stack } from 'aws-cdk-lib'
import { AttributeType, StreamViewType, TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { Queue } from 'aws-cdk-lib/aws-sqs'
import { describe, expect, it } from 'vitest'
import type { StreamConsumerProps } from '../../../infra/constructs/stream-consumer.ts'
import { tableSource } from '../../../infra/sources.ts'
import type { SynthesisedTemplate } from '../synthesised.ts'
import { consume } from './consumer-fixture.ts'

function mappingOf(template: SynthesisedTemplate): unknown {
  return template.ofType('AWS::Lambda::EventSourceMapping')[0]?.[1].Properties
}

function mappingWith(differing: Partial<StreamConsumerProps>): unknown {
  return mappingOf(consume(differing).template())
}

function changesAs(dynamoStream: StreamViewType) {
  return (stack: Stack): Pick<StreamConsumerProps, 'source'> => {
    const partitionKey = { name: 'id', type: AttributeType.STRING }
    return { source: tableSource(new TableV2(stack, 'Table', { partitionKey, dynamoStream })) }
  }
}

describe('a time-out', () => {
  it('is refused when a function could still write to what is final or about to expire', () => {
    expect(() => consume({ timeout: Duration.seconds(61) })).toThrow(
      'pipeline page-views: the time-out must be at most 60 s',
    )
  })

  it('is taken when it is the longest that is safe', () => {
    const { consumer } = consume({ timeout: Duration.seconds(60) })
    expect(consumer.handler.timeout?.toSeconds()).toBe(60)
    expect(consumer.settings.timeout.toSeconds()).toBe(60)
  })
})

describe('the mapping', () => {
  it('reads from the oldest record on, and gives up what the definition gives up', () => {
    expect(mappingWith({})).toMatchObject({
      StartingPosition: 'TRIM_HORIZON',
      MaximumRecordAgeInSeconds: 120,
      BatchSize: 1_000,
      MaximumBatchingWindowInSeconds: 1,
    })
  })

  it('takes the record age of the definition when it is given, and no other', () => {
    expect(mappingWith({ maximumRecordAge: Duration.minutes(2) })).toMatchObject({
      MaximumRecordAgeInSeconds: 120,
    })
    expect(() => consume({ maximumRecordAge: Duration.minutes(3) })).toThrow('must be that of its definition')
  })

  it('of a replay begins at a time and gives up nothing for its age', () => {
    const mapping = mappingWith({ replayFrom: new Date('2026-11-28T12:00:00Z') })
    expect(mapping).toMatchObject({
      StartingPosition: 'AT_TIMESTAMP',
      StartingPositionTimestamp: 1_795_867_200,
    })
    expect(mapping).not.toHaveProperty('MaximumRecordAgeInSeconds')
  })

  it('has the filters and the tumbling window that are asked for', () => {
    const pattern = '{"data":{"country":["CH"]}}'
    expect(mappingWith({ filterPatterns: [pattern] })).toMatchObject({
      FilterCriteria: { Filters: [{ Pattern: pattern }] },
    })
    expect(mappingWith({ tumblingWindow: Duration.minutes(1) })).toMatchObject({
      TumblingWindowInSeconds: 60,
    })
  })
})

it('refuses a table of which changes have one image only', () => {
  expect(() => consume(changesAs(StreamViewType.NEW_IMAGE))).toThrow(
    "the table's stream must have both images, NEW_AND_OLD_IMAGES, not NEW_IMAGE",
  )
  expect(() => consume(changesAs(StreamViewType.NEW_AND_OLD_IMAGES))).not.toThrow()
})

describe('batches that the mapping gives up', () => {
  it('go to a standard queue or topic, to which the function may send', () => {
    const queue = consume((stack) => ({ discardedBatches: new Queue(stack, 'Failed') })).template()
    const topic = consume((stack) => ({ discardedBatches: new Topic(stack, 'Failed') })).template()
    expect(mappingOf(queue)).toMatchObject({
      DestinationConfig: { OnFailure: { Destination: '{Failed.Arn}' } },
    })
    expect(mappingOf(topic)).toMatchObject({ DestinationConfig: { OnFailure: { Destination: '{Failed}' } } })
    expect(JSON.stringify(queue.properties('ConsumerRoleDefaultPolicy'))).toContain('sqs:SendMessage')
    expect(JSON.stringify(topic.properties('ConsumerRoleDefaultPolicy'))).toContain('sns:Publish')
  })

  it('go to no FIFO queue or topic', () => {
    const message = 'discarded batches cannot go to a FIFO queue or topic'
    expect(() =>
      consume((stack) => ({ discardedBatches: new Queue(stack, 'Failed', { fifo: true }) })),
    ).toThrow(message)
    expect(() =>
      consume((stack) => ({ discardedBatches: new Topic(stack, 'Failed', { fifo: true }) })),
    ).toThrow(message)
  })
})

describe('concurrency', () => {
  it('is what the account has, and the mapping invokes the function itself', () => {
    const template = consume().template()
    expect(template.properties('ConsumerFunction')).not.toHaveProperty('ReservedConcurrentExecutions')
    expect(mappingOf(template)).toMatchObject({ FunctionName: '{ConsumerFunction}' })
    expect(template.ofType('AWS::Lambda::Alias')).toEqual([])
  })

  it('is reserved', () => {
    const template = consume({ reservedConcurrency: 2 }).template()
    expect(template.properties('ConsumerFunction')).toMatchObject({ ReservedConcurrentExecutions: 2 })
  })

  it('is provisioned for an alias, which the mapping invokes then', () => {
    const template = consume({ provisionedConcurrency: 1 }).template()
    expect(template.ofType('AWS::Lambda::Alias')).toEqual([
      [
        'ConsumerFunctionAliaslive',
        expect.objectContaining({
          Properties: {
            FunctionName: '{ConsumerFunction}',
            FunctionVersion: expect.stringMatching(
              /^\{ConsumerFunctionCurrentVersion.*\.Version\}$/,
            ) as string,
            Name: 'live',
            ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 1 },
          },
        }),
      ],
    ])
    expect(mappingOf(template)).toMatchObject({ FunctionName: '{ConsumerFunctionAliaslive}:live' })
  })
})

describe('tracing', () => {
  const traced = consume({ isTraced: true }).template()

  it('is on and permitted when it is asked for', () => {
    expect(traced.properties('ConsumerFunction')).toMatchObject({ TracingConfig: { Mode: 'Active' } })
    expect(JSON.stringify(traced.properties('ConsumerRoleDefaultPolicy'))).toContain('xray:PutTraceSegments')
  })

  it('is off otherwise', () => {
    const template = consume().template()
    expect(template.properties('ConsumerFunction')).not.toHaveProperty('TracingConfig')
    expect(JSON.stringify(template.properties('ConsumerRoleDefaultPolicy'))).not.toContain('xray')
  })
})
