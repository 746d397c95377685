import { App } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { orders } from '../../consumers/orders/pipeline.ts'
import { tables } from '../../consumers/pipelines.ts'
import { environmentVariable } from '../../consumers/settings.ts'
import { StreamProcessingStack } from '../../infra/stream-processing-stack.ts'
import { resolveIntrinsics } from '../../local/deploy/intrinsics.ts'

const stack = new StreamProcessingStack(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), 'test', {
  streams: [],
  tables,
  shardCount: 1,
  parallelizationFactor: 7,
  momentoCacheName: 'numbers',
})
const template = Template.fromStack(stack)
const tableStream = '{OrdersTable.StreamArn}'

/** The properties of the only resource of a type, references as `{OrdersTable}` and `{OrdersTable.StreamArn}`. */
function only(type: string): unknown {
  const resources = Object.values(template.findResources(type))
  expect([type, resources.length]).toEqual([type, 1])
  return readable(z.looseObject({ Properties: z.unknown() }).parse(resources[0]).Properties)
}

function readable(value: unknown): unknown {
  return resolveIntrinsics(value, {
    ref: (name) => `{${withoutHash(name)}}`,
    attribute: (logicalId, attribute) => `{${withoutHash(logicalId)}.${attribute}}`,
  })
}

function withoutHash(logicalId: string): string {
  return logicalId.replace(/([0-9A-F]{8})+$/, '')
}

describe('the table', () => {
  it('is paid by request, can be restored, and streams both images of every change', () => {
    expect(only('AWS::DynamoDB::GlobalTable')).toMatchObject({
      KeySchema: [{ AttributeName: 'lineId', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'lineId', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      Replicas: [{ PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }],
    })
  })

  it('stays when the stack is deleted', () => {
    const [table] = Object.values(template.findResources('AWS::DynamoDB::GlobalTable'))
    expect(table).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' })
  })
})

describe('its consumer', () => {
  it('is mapped as those of streams are, with the record age of its pipeline', () => {
    const mapping = only('AWS::Lambda::EventSourceMapping')
    expect(mapping).toMatchObject({
      EventSourceArn: tableStream,
      FunctionName: '{OrdersFunction}',
      StartingPosition: 'TRIM_HORIZON',
      ParallelizationFactor: 7,
      BatchSize: 1_000,
      MaximumBatchingWindowInSeconds: 1,
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      DestinationConfig: { OnFailure: { Destination: '{FailedRecords.Arn}' } },
      MaximumRecordAgeInSeconds: orders.maximumRecordAgeMs / 1_000,
      MetricsConfig: { Metrics: ['EventCount'] },
    })
    expect(mapping).not.toHaveProperty('MaximumRetryAttempts')
    expect(mapping).not.toHaveProperty('FilterCriteria')
  })

  it('has the function, variables and log group that all consumers have', () => {
    const variables = {
      [environmentVariable.momentoSecretArn]: '{MomentoSecret}',
      [environmentVariable.momentoCacheName]: 'numbers',
      [environmentVariable.failedRecordsBucket]: '{FailedRecords}',
      [environmentVariable.metricsNamespace]: 'test',
    }
    expect(only('AWS::Lambda::Function')).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Timeout: 30,
      Environment: { Variables: variables },
      LoggingConfig: { LogGroup: '{OrdersLogs}' },
    })
    expect(only('AWS::Logs::LogGroup')).toMatchObject({ RetentionInDays: 30 })
  })

  it('may read the stream of this one table, and do nothing else to any table', () => {
    const oneOrMore = z.union([z.string().transform((text) => [text]), z.array(z.string())])
    const statement = z.object({ Effect: z.string(), Action: oneOrMore, Resource: oneOrMore })
    const document = z.object({ PolicyDocument: z.object({ Statement: z.array(statement) }) })
    const { Statement: statements } = document.parse(only('AWS::IAM::Policy')).PolicyDocument
    const granted = statements.flatMap(({ Effect: effect, Action: actions, Resource: resources }) =>
      actions.flatMap((action) => resources.map((resource) => `${effect} ${action} ${resource}`)),
    )
    expect(granted.sort()).toEqual([
      `Allow dynamodb:DescribeStream ${tableStream}`,
      `Allow dynamodb:GetRecords ${tableStream}`,
      `Allow dynamodb:GetShardIterator ${tableStream}`,
      'Allow logs:CreateLogStream {OrdersLogs.Arn}',
      'Allow logs:PutLogEvents {OrdersLogs.Arn}',
      'Allow s3:ListBucket {FailedRecords.Arn}',
      'Allow s3:PutObject {FailedRecords.Arn}/aws/lambda/*',
      'Allow s3:PutObject {FailedRecords.Arn}/rejected/orders/*',
      'Allow secretsmanager:GetSecretValue {MomentoSecret}',
    ])
  })
})

it('is on the dashboard, and has alarms of its own', () => {
  const body = z.object({ DashboardBody: z.string() }).parse(only('AWS::CloudWatch::Dashboard')).DashboardBody
  for (const shown of [
    '{OrdersTable}',
    '{OrdersFunction}',
    '{OrdersFunctionTableEventSourcetestOrdersTable}',
  ])
    expect(body).toContain(`"${shown}"`)
  const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm')).map(readable)
  expect(alarms).toContainEqual(
    expect.objectContaining({
      Properties: expect.objectContaining({ AlarmName: 'test-OrdersTable-writes-throttled' }) as unknown,
    }),
  )
})

it('has outputs by which the table and its function are found', () => {
  const outputs = Object.entries(template.findOutputs('*')).map(([name, { Value }]) => [
    name,
    readable(Value),
  ])
  expect(Object.fromEntries(outputs)).toMatchObject({
    OrdersTableName: '{OrdersTable}',
    OrdersFunctionName: '{OrdersFunction}',
  })
})
