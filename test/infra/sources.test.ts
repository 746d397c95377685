import { App, Stack } from 'aws-cdk-lib'
import { AttributeType, StreamViewType, TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { Stream, StreamMode } from 'aws-cdk-lib/aws-kinesis'
import { describe, expect, it } from 'vitest'
import { streamSource, tableSource } from '../../infra/sources.ts'
import { templateOf } from './synthesised.ts'

const stack = new Stack(new App(), 'test')

describe('enhanced fan-out', () => {
  const template = templateOf({ shardCount: 3, parallelizationFactor: 1, hasEnhancedFanOut: true })

  it('gives each pipeline of a stream a consumer of its own, which its mapping reads', () => {
    expect(
      template.ofType('AWS::Kinesis::StreamConsumer').map(([id, { Properties }]) => [id, Properties]),
    ).toEqual([
      ['FlightsFanOut', { ConsumerName: 'flights', StreamARN: '{FlightsStream.Arn}' }],
      ['PunctualityFanOut', { ConsumerName: 'punctuality', StreamARN: '{FlightsStream.Arn}' }],
    ])
    const read = template
      .ofType('AWS::Lambda::EventSourceMapping')
      .map(([, { Properties }]) => [Properties['EventSourceArn'], Properties['StartingPosition']])
    expect(read).toEqual([
      ['{FlightsFanOut.ConsumerARN}', 'TRIM_HORIZON'],
      ['{PunctualityFanOut.ConsumerARN}', 'TRIM_HORIZON'],
      ['{OrdersTable.StreamArn}', 'TRIM_HORIZON'],
    ])
  })

  it('is not there without being asked for', () => {
    expect(templateOf('prod').ofType('AWS::Kinesis::StreamConsumer')).toEqual([])
  })
})

describe('what a source knows', () => {
  it('is the shards of a stream, unless they are on demand', () => {
    expect(streamSource(new Stream(stack, 'Provisioned', { shardCount: 3 })).shardCount).toBe(3)
    const onDemand = new Stream(stack, 'OnDemand', { streamMode: StreamMode.ON_DEMAND })
    expect(streamSource(onDemand).shardCount).toBeUndefined()
  })

  it('is what the stream of a table holds', () => {
    const partitionKey = { name: 'id', type: AttributeType.STRING }
    const dynamoStream = StreamViewType.KEYS_ONLY
    expect(tableSource(new TableV2(stack, 'Keys', { partitionKey, dynamoStream })).viewType).toBe('KEYS_ONLY')
    expect(tableSource(new TableV2(stack, 'None', { partitionKey })).viewType).toBeUndefined()
  })
})
