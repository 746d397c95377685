import { describe, expect, it } from 'vitest'
import type { AssemblyStack, Template } from '../../../local/deploy/assembly.ts'
import { planDeployment } from '../../../local/deploy/plan.ts'

type Properties = Readonly<Record<string, unknown>>

const streamArn = 'arn:aws:dynamodb:us-east-1:000000000000:table/dev-Table/stream/2012-08-10T00:00:00.000'
const key = {
  KeySchema: [
    { AttributeName: 'orderId', KeyType: 'HASH' },
    { AttributeName: 'line', KeyType: 'RANGE' },
  ],
  AttributeDefinitions: [
    { AttributeName: 'orderId', AttributeType: 'S' },
    { AttributeName: 'line', AttributeType: 'N' },
  ],
}
const byLine = {
  IndexName: 'by-line',
  KeySchema: [{ AttributeName: 'line', KeyType: 'HASH' }],
  Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['amount'] },
}
const stream = { StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' } }
const throughput = { ReadCapacityUnits: 5, WriteCapacityUnits: 5 }

function tableWith(properties: Properties = {}) {
  const onDemand = { BillingMode: 'PAY_PER_REQUEST' }
  return { Type: 'AWS::DynamoDB::Table', Properties: { ...key, ...onDemand, ...properties } }
}

function globalTableWith(properties: Properties = {}) {
  const Replicas = [{ Region: { Ref: 'AWS::Region' } }]
  return { ...tableWith({ Replicas, ...properties }), Type: 'AWS::DynamoDB::GlobalTable' }
}

function planOf(resources: Template['Resources'], outputs: Template['Outputs'] = {}) {
  const template = { Parameters: {}, Mappings: {}, Conditions: {}, Outputs: outputs, Resources: resources }
  const stack: AssemblyStack = {
    name: 'dev',
    template,
    assetPaths: new Map([['c0de', '/assembly/asset.c0de']]),
  }
  return planDeployment([stack])
}

const planned = (Table: Template['Resources'][string]) => planOf({ Table }).tables[0]

function consumerOf(properties: Properties = {}): Template['Resources'] {
  return {
    Role: { Type: 'AWS::IAM::Role' },
    Function: {
      Type: 'AWS::Lambda::Function',
      Properties: { Code: { S3Key: 'c0de.zip' }, Handler: 'index.handler', Role: { Ref: 'Role' } },
    },
    Mapping: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        EventSourceArn: { 'Fn::GetAtt': ['Table', 'StreamArn'] },
        FunctionName: { Ref: 'Function' },
        StartingPosition: 'TRIM_HORIZON',
        ...properties,
      },
    },
  }
}

describe('a table that is planned', () => {
  it('has its key, indexes, capacity, stream and time to live', () => {
    const table = tableWith({
      ...stream,
      BillingMode: 'PROVISIONED',
      ProvisionedThroughput: throughput,
      GlobalSecondaryIndexes: [{ ...byLine, ProvisionedThroughput: throughput }],
      LocalSecondaryIndexes: [{ ...byLine, IndexName: 'local' }],
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
    })
    expect(planned(table)).toEqual({
      name: 'dev-Table',
      arn: 'arn:aws:dynamodb:us-east-1:000000000000:table/dev-Table',
      streamArn,
      timeToLiveAttribute: 'expiresAt',
      notice: 'dev/Table: no item is deleted when its expiresAt has passed',
      definition: {
        TableName: 'dev-Table',
        ...key,
        BillingMode: 'PROVISIONED',
        ProvisionedThroughput: throughput,
        GlobalSecondaryIndexes: [{ ...byLine, ProvisionedThroughput: throughput }],
        LocalSecondaryIndexes: [{ ...byLine, IndexName: 'local' }],
        StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
      },
    })
  })

  it('has no stream and no time to live where its template wants none', () => {
    const table = tableWith({ TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: 'false' } })
    expect(planned(table)).toEqual({
      name: 'dev-Table',
      arn: 'arn:aws:dynamodb:us-east-1:000000000000:table/dev-Table',
      definition: { TableName: 'dev-Table', ...key, BillingMode: 'PAY_PER_REQUEST' },
    })
    expect(planOf({ Table: table }).notices).toEqual([])
  })

  it('is the one replica of a global table, on demand whatever its capacity', () => {
    const plain = planned(tableWith({ ...stream, GlobalSecondaryIndexes: [byLine] }))
    const autoscaled = { WriteCapacityAutoScalingSettings: { MinCapacity: 1, MaxCapacity: 9 } }
    const table = globalTableWith({
      ...stream,
      BillingMode: 'PROVISIONED',
      WriteProvisionedThroughputSettings: autoscaled,
      GlobalSecondaryIndexes: [{ ...byLine, WriteProvisionedThroughputSettings: autoscaled }],
    })
    expect(planned(table)).toEqual(plain)
  })

  it('is the same with properties that change nothing here', () => {
    const recovery = { PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }
    const harmless = {
      DeletionProtectionEnabled: true,
      ...recovery,
      TableClass: 'STANDARD',
      Tags: [{ Key: 'a' }],
    }
    expect(planned(tableWith({ ...harmless, SSESpecification: { SSEEnabled: true } }))).toEqual(
      planned(tableWith()),
    )
    const replica = { Region: 'eu-west-1', ...harmless }
    expect(planned(globalTableWith({ Replicas: [replica], MultiRegionConsistency: 'EVENTUAL' }))).toEqual(
      planned(globalTableWith()),
    )
  })

  it('is called as its template says, and known by the output that gives its name', () => {
    const plan = planOf(
      { Table: tableWith({ ...stream, TableName: 'orders' }), Other: globalTableWith(stream) },
      {
        OrdersTableName: { Value: { Ref: 'Table' } },
        OrdersTableArn: { Value: { 'Fn::GetAtt': ['Table', 'Arn'] } },
        OtherStreamArn: { Value: { 'Fn::GetAtt': ['Other', 'StreamArn'] } },
      },
    )
    expect(plan.names.tables).toEqual({ OrdersTableName: 'orders', Other: 'dev-Other' })
    expect(plan.outputs).toEqual({
      OrdersTableName: 'orders',
      OrdersTableArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/orders',
      OtherStreamArn: plan.tables[1]?.streamArn,
    })
  })
})

describe('the stream of a table', () => {
  it.each([tableWith(stream), globalTableWith(stream)])('feeds a mapping: $Type', (Table) => {
    const plan = planOf({ Table, ...consumerOf() })
    expect(plan.mappings).toEqual([expect.objectContaining({ streamArn, functionName: 'dev-Function' })])
  })

  it('feeds none where the table has no stream', () => {
    expect(() => planOf({ Table: tableWith(), ...consumerOf() })).toThrow(
      `dev/Mapping: there is no stream ${streamArn}`,
    )
  })

  it('is not read from a time on', () => {
    const mapping = consumerOf({ StartingPosition: 'AT_TIMESTAMP', StartingPositionTimestamp: 1 })
    expect(() => planOf({ Table: tableWith(stream), ...mapping })).toThrow(
      /^dev\/Mapping: property StartingPosition/,
    )
  })
})

describe('of tables it is refused', () => {
  it.each([
    [
      'replicas elsewhere',
      { Table: globalTableWith({ Replicas: [{ Region: 'us-east-1' }, { Region: 'eu-west-1' }] }) },
      'dev/Table: property Replicas is not supported locally: there is one region',
    ],
    [
      'a copy of the changes in Kinesis',
      { Table: tableWith({ KinesisStreamSpecification: { StreamArn: 'arn' } }) },
      'dev/Table: property KinesisStreamSpecification is not supported locally',
    ],
    [
      'a copy of the changes of a replica in Kinesis',
      {
        Table: globalTableWith({
          Replicas: [{ Region: 'us-east-1', KinesisStreamSpecification: { StreamArn: 'arn' } }],
        }),
      },
      'dev/Table: property Replicas.0.KinesisStreamSpecification is not supported locally',
    ],
    [
      'imported items',
      { Table: tableWith({ ImportSourceSpecification: { InputFormat: 'CSV' } }) },
      'dev/Table: property ImportSourceSpecification is not supported locally',
    ],
    [
      'a name that a table of the other kind has',
      { Table: tableWith({ TableName: 'orders' }), Other: globalTableWith({ TableName: 'orders' }) },
      'its name orders is that of dev/Table already',
    ],
  ])('%s', (_what, resources, message) => {
    expect(() => planOf(resources)).toThrow(message)
  })
})
