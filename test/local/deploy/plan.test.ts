import { describe, expect, it } from 'vitest'
import type { AssemblyStack, Template } from '../../../local/deploy/assembly.ts'
import { planDeployment } from '../../../local/deploy/plan.ts'

type Properties = Readonly<Record<string, unknown>>

const stream = { Type: 'AWS::Kinesis::Stream', Properties: { ShardCount: 3 } }
const role = { Type: 'AWS::IAM::Role', Properties: {} }

function functionWith(properties: Properties = {}) {
  const code = { S3Bucket: { 'Fn::Sub': 'assets-${AWS::AccountId}' }, S3Key: 'c0de.zip' }
  const required = { Code: code, Handler: 'index.handler', Role: { 'Fn::GetAtt': ['Role', 'Arn'] } }
  return { Type: 'AWS::Lambda::Function', Properties: { ...required, ...properties } }
}

function mappingWith(properties: Properties = {}) {
  const required = {
    EventSourceArn: { 'Fn::GetAtt': ['Stream', 'Arn'] },
    FunctionName: { Ref: 'Function' },
    StartingPosition: 'TRIM_HORIZON',
  }
  return { Type: 'AWS::Lambda::EventSourceMapping', Properties: { ...required, ...properties } }
}

function stackOf(
  resources: Template['Resources'],
  more: Partial<Template> = {},
  name = 'dev',
): AssemblyStack {
  const template = { Parameters: {}, Outputs: {}, Resources: resources, ...more }
  return { name, template, assetPaths: new Map([['c0de', '/assembly/asset.c0de']]) }
}

function planMapping(properties: Properties) {
  const resources = { Stream: stream, Role: role, Function: functionWith(), Mapping: mappingWith(properties) }
  return planDeployment([stackOf(resources)]).mappings[0]
}

describe('what is planned', () => {
  it('is a stream with its shards, one unless the template says more', () => {
    const { streams } = planDeployment([stackOf({ Stream: stream, Other: { Type: 'AWS::Kinesis::Stream' } })])
    expect(streams).toEqual([
      { name: 'dev-Stream', arn: 'arn:aws:kinesis:us-east-1:000000000000:stream/dev-Stream', shardCount: 3 },
      { name: 'dev-Other', arn: 'arn:aws:kinesis:us-east-1:000000000000:stream/dev-Other', shardCount: 1 },
    ])
  })

  it('is a function with everything that decides how it runs', () => {
    const { functions } = planDeployment([
      stackOf({
        Role: role,
        Logs: { Type: 'AWS::Logs::LogGroup' },
        Stream: stream,
        Function: functionWith({
          MemorySize: 256,
          Timeout: 7,
          ReservedConcurrentExecutions: 2,
          Environment: { Variables: { STREAM: { Ref: 'Stream' } } },
          LoggingConfig: { LogGroup: { Ref: 'Logs' } },
        }),
      }),
    ])
    expect(functions).toEqual([
      {
        functionName: 'dev-Function',
        functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:dev-Function',
        handler: 'index.handler',
        codeDirectory: '/assembly/asset.c0de',
        memorySizeMb: 256,
        timeoutMs: 7_000,
        environment: { STREAM: 'dev-Stream' },
        reservedConcurrency: 2,
        region: 'us-east-1',
        logGroupName: 'dev-Logs',
      },
    ])
  })

  it("is a function with Lambda's own defaults where the template is silent", () => {
    const { functions } = planDeployment([stackOf({ Role: role, Function: functionWith() })])
    expect(functions).toEqual([
      expect.objectContaining({
        memorySizeMb: 128,
        timeoutMs: 3_000,
        environment: {},
        logGroupName: '/aws/lambda/dev-Function',
      }),
    ])
    expect(functions[0]).not.toHaveProperty('reservedConcurrency')
  })

  it('is a mapping with each of its properties', () => {
    expect(
      planMapping({
        StartingPosition: 'LATEST',
        BatchSize: 500,
        MaximumBatchingWindowInSeconds: 2,
        ParallelizationFactor: 4,
        MaximumRetryAttempts: 5,
        MaximumRecordAgeInSeconds: 60,
        BisectBatchOnFunctionError: true,
        TumblingWindowInSeconds: 30,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        DestinationConfig: { OnFailure: { Destination: 'arn:aws:s3:::failed' } },
        FilterCriteria: { Filters: [{ Pattern: '{"data":{}}' }] },
      }),
    ).toEqual({
      streamArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/dev-Stream',
      functionName: 'dev-Function',
      executionRoleArn: 'arn:aws:iam::000000000000:role/dev-Role',
      properties: {
        uuid: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
        startingPosition: 'LATEST',
        batchSize: 500,
        maximumBatchingWindowMs: 2_000,
        parallelizationFactor: 4,
        maximumRetryAttempts: 5,
        maximumRecordAgeMs: 60_000,
        bisectBatchOnFunctionError: true,
        tumblingWindowMs: 30_000,
        reportBatchItemFailures: true,
        onFailureDestinationArn: 'arn:aws:s3:::failed',
        filterPatterns: ['{"data":{}}'],
      },
    })
  })

  it("is a mapping with Lambda's own defaults: no end to retries, no batching window", () => {
    const properties = planMapping({})?.properties
    expect(properties).toMatchObject({
      batchSize: 100,
      maximumBatchingWindowMs: 0,
      parallelizationFactor: 1,
      maximumRetryAttempts: -1,
      maximumRecordAgeMs: -1,
      bisectBatchOnFunctionError: false,
      tumblingWindowMs: 0,
      reportBatchItemFailures: false,
      filterPatterns: [],
    })
    expect(properties).not.toHaveProperty('onFailureDestinationArn')
  })

  it('is a mapping whose function is named by its ARN', () => {
    const byArn = planMapping({ FunctionName: { 'Fn::GetAtt': ['Function', 'Arn'] } })
    expect(byArn?.functionName).toBe('dev-Function')
  })

  it('is a bucket and a secret, generated secrets being empty', () => {
    const plan = planDeployment([
      stackOf({
        Bucket: { Type: 'AWS::S3::Bucket' },
        Given: { Type: 'AWS::SecretsManager::Secret', Properties: { SecretString: 'hush' } },
        Generated: { Type: 'AWS::SecretsManager::Secret', Properties: { GenerateSecretString: {} } },
      }),
    ])
    expect(plan.buckets).toEqual(['dev-bucket'])
    expect(plan.secrets.map(({ name, secretString }) => [name, secretString])).toEqual([
      ['dev-Given', 'hush'],
      ['dev-Generated', ''],
    ])
  })

  it('has the outputs of all stacks, with parameters at their defaults', () => {
    const parameters = { Stage: { Default: 'beta' } }
    const one = stackOf(
      { Stream: stream },
      { Parameters: parameters, Outputs: { Name: { Value: { 'Fn::Sub': '${Stream}/${Stage}' } } } },
    )
    const two = stackOf({ Stream: stream }, { Outputs: { Other: { Value: { Ref: 'Stream' } } } }, 'test')
    const plan = planDeployment([one, two])
    expect(plan.outputs).toEqual({ Name: 'dev-Stream/beta', Other: 'test-Stream' })
    expect(plan.streams.map(({ name }) => name)).toEqual(['dev-Stream', 'test-Stream'])
  })

  it('is nothing for resources that only say who may do what, or what is shown', () => {
    const types = ['AWS::IAM::Policy', 'AWS::CloudWatch::Dashboard', 'AWS::CDK::Metadata', 'AWS::SNS::Topic']
    const resources = Object.fromEntries(types.map((Type, index) => [`Resource${index}`, { Type }]))
    expect(planDeployment([stackOf(resources)])).toEqual({
      streams: [],
      buckets: [],
      secrets: [],
      functions: [],
      mappings: [],
      outputs: {},
    })
  })

  it('is the same for the same template', () => {
    const resources = { Stream: stream, Role: role, Function: functionWith(), Mapping: mappingWith() }
    expect(planDeployment([stackOf(resources)])).toEqual(planDeployment([stackOf(resources)]))
  })
})

describe('what is refused, with the resource and what is wrong about it', () => {
  it.each([
    [
      'an unknown type',
      { Table: { Type: 'AWS::DynamoDB::GlobalTable' } },
      'Table: the resource type AWS::DynamoDB::GlobalTable is not supported locally',
    ],
    [
      'an unknown intrinsic',
      { Stream: { ...stream, Properties: { Name: { 'Fn::ImportValue': 'x' } } } },
      'Stream: the intrinsic function Fn::ImportValue is not supported locally',
    ],
    [
      'code that is no asset',
      { Role: role, Function: functionWith({ Code: { S3Key: 'ffff.zip' } }) },
      'Function: its code ffff is no asset of dev',
    ],
    [
      'inline code',
      { Role: role, Function: functionWith({ Code: { ZipFile: 'exports.handler = 1' } }) },
      'Function: property Code.S3Key is not supported locally',
    ],
    [
      'a mapping of a function that is not there',
      { Stream: stream, Mapping: mappingWith({ FunctionName: 'other' }) },
      'Mapping: there is no function other',
    ],
    [
      'a mapping that is switched off',
      { Stream: stream, Role: role, Function: functionWith(), Mapping: mappingWith({ Enabled: false }) },
      'Mapping: property Enabled is not supported locally',
    ],
    [
      'a start at a time',
      {
        Stream: stream,
        Function: functionWith(),
        Role: role,
        Mapping: mappingWith({ StartingPosition: 'AT_TIMESTAMP' }),
      },
      'Mapping: property StartingPosition is not supported locally',
    ],
    [
      'no shards',
      { Stream: { ...stream, Properties: { ShardCount: 0 } } },
      'Stream: property ShardCount is not supported locally',
    ],
  ])('%s', (_what, resources, message) => {
    expect(() => planDeployment([stackOf(resources)])).toThrow(message)
  })
})
