import { describe, expect, it } from 'vitest'
import type { AssemblyStack, Template } from '../../../local/deploy/assembly.ts'
import { planDeployment } from '../../../local/deploy/plan.ts'
import { functionWith, mappingWith, type Properties, role, stackOf, stream } from './template-fixture.ts'

function planMapping(properties: Properties, others: Template['Resources'] = {}) {
  const resources = { Stream: stream, Role: role, Function: functionWith(), Mapping: mappingWith(properties) }
  return planDeployment([stackOf({ ...resources, ...others })]).mappings[0]
}

function onFailure(destination: unknown): Properties {
  return { DestinationConfig: { OnFailure: { Destination: destination } } }
}

describe('what is planned', () => {
  it('is a stream with its shards, retention and tags; one shard and a day unless the template says more', () => {
    const Tags = [
      { Key: 'team', Value: 'blue' },
      { Key: 'cost', Value: 7 },
    ]
    const properties = { ShardCount: 3, RetentionPeriodHours: '48', Tags }
    const { streams } = planDeployment([
      stackOf({ Stream: { ...stream, Properties: properties }, Other: { Type: 'AWS::Kinesis::Stream' } }),
    ])
    expect(streams).toEqual([
      {
        name: 'dev-Stream',
        arn: 'arn:aws:kinesis:us-east-1:000000000000:stream/dev-Stream',
        mode: 'PROVISIONED',
        shardCount: 3,
        retentionHours: 48,
        tags: { team: 'blue', cost: '7' },
      },
      {
        name: 'dev-Other',
        arn: 'arn:aws:kinesis:us-east-1:000000000000:stream/dev-Other',
        mode: 'PROVISIONED',
        shardCount: 1,
        retentionHours: 24,
        tags: {},
      },
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
    const Failed = { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'failed' } }
    const properties = {
      StartingPosition: 'AT_TIMESTAMP',
      StartingPositionTimestamp: 1_789_809_074.5,
      BatchSize: 500,
      MaximumBatchingWindowInSeconds: 2,
      ParallelizationFactor: 1,
      MaximumRetryAttempts: 5,
      MaximumRecordAgeInSeconds: 60,
      BisectBatchOnFunctionError: true,
      TumblingWindowInSeconds: 30,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      MetricsConfig: { Metrics: ['EventCount'] },
      ...onFailure('arn:aws:s3:::failed'),
    }
    expect(planMapping(properties, { Failed })).toEqual({
      streamArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/dev-Stream',
      functionName: 'dev-Function',
      executionRoleArn: 'arn:aws:iam::000000000000:role/dev-Role',
      isEnabled: true,
      failureDestination: { kind: 'bucket', name: 'failed' },
      properties: {
        uuid: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
        startingPosition: 'AT_TIMESTAMP',
        batchSize: 500,
        maximumBatchingWindowMs: 2_000,
        parallelizationFactor: 1,
        maximumRetryAttempts: 5,
        maximumRecordAgeMs: 60_000,
        bisectBatchOnFunctionError: true,
        tumblingWindowMs: 30_000,
        emitsEventCounts: true,
        reportBatchItemFailures: true,
        filterPatterns: [],
        startingTimestampMs: 1_789_809_074_500,
        functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:dev-Function',
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
      emitsEventCounts: false,
      reportBatchItemFailures: false,
      filterPatterns: [],
    })
  })

  it('is a mapping whose failed batches go to a queue, or nowhere', () => {
    const Failed = { Type: 'AWS::SQS::Queue' }
    const toQueue = planMapping(onFailure({ 'Fn::GetAtt': ['Failed', 'Arn'] }), { Failed })
    expect(toQueue?.failureDestination).toEqual({ kind: 'queue', name: 'dev-Failed' })
    expect(planMapping(onFailure(''))).not.toHaveProperty('failureDestination')
    expect(planMapping({})).not.toHaveProperty('failureDestination')
  })

  it('is a mapping with its filters, switched off if the template says so', () => {
    const Filters = [{ Pattern: '{"data":{"a":[1]}}' }]
    expect(
      planMapping({ FilterCriteria: { Filters }, Enabled: false, ParallelizationFactor: 4 }),
    ).toMatchObject({
      isEnabled: false,
      properties: { filterPatterns: ['{"data":{"a":[1]}}'], parallelizationFactor: 4 },
    })
    expect(planMapping({})?.isEnabled).toBe(true)
  })

  it('is a mapping whose function is named by its ARN', () => {
    const byArn = planMapping({ FunctionName: { 'Fn::GetAtt': ['Function', 'Arn'] } })
    expect(byArn?.functionName).toBe('dev-Function')
  })

  it('is a bucket and a secret, given or generated as wanted', () => {
    const plan = planDeployment([
      stackOf({
        Bucket: { Type: 'AWS::S3::Bucket' },
        Given: { Type: 'AWS::SecretsManager::Secret', Properties: { SecretString: 'hush' } },
        Generated: {
          Type: 'AWS::SecretsManager::Secret',
          Properties: { GenerateSecretString: { PasswordLength: 40, ExcludePunctuation: true } },
        },
      }),
    ])
    expect(plan.buckets).toEqual(['dev-bucket'])
    expect(plan.secrets.map(({ name, secretString }) => [name, secretString])).toEqual([
      ['dev-Given', 'hush'],
      ['dev-Generated', expect.stringMatching(/^[A-Za-z0-9]{40}$/)],
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

  it('takes numbers and truth values that are written as text', () => {
    const properties = planMapping({ BatchSize: '7', BisectBatchOnFunctionError: 'true' })?.properties
    expect(properties).toMatchObject({ batchSize: 7, bisectBatchOnFunctionError: true })
  })

  it('gives a stream on demand the shards that AWS gives it at first, and says so', () => {
    const onDemand = { StreamModeDetails: { StreamMode: 'ON_DEMAND' } }
    const plan = planDeployment([
      stackOf({ Stream: stream, Other: { Type: 'AWS::Kinesis::Stream', Properties: onDemand } }),
    ])
    expect(plan.streams.map(({ mode, shardCount }) => [mode, shardCount])).toEqual([
      ['PROVISIONED', 3],
      ['ON_DEMAND', 4],
    ])
    expect(plan.notices).toEqual(['dev/Other: on demand in AWS, always 4 shards here'])
  })

  it('uses the names that a template gives, wherever it refers to them', () => {
    const plan = planDeployment([
      stackOf({
        Stream: { ...stream, Properties: { Name: 'orders' } },
        Role: { ...role, Properties: { RoleName: { 'Fn::Sub': '${Stream}-role' } } },
        Function: functionWith({ FunctionName: 'count-orders' }),
        Mapping: mappingWith(),
      }),
    ])
    expect(plan.mappings).toEqual([
      expect.objectContaining({
        streamArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/orders',
        functionName: 'count-orders',
        executionRoleArn: 'arn:aws:iam::000000000000:role/orders-role',
      }),
    ])
  })

  it('lets properties pass that change nothing here', () => {
    const harmless = {
      Architectures: ['arm64'],
      EphemeralStorage: { Size: 1024 },
      Layers: [],
      Runtime: 'nodejs24.x',
    }
    const plain = planDeployment([stackOf({ Role: role, Function: functionWith() })])
    expect(planDeployment([stackOf({ Role: role, Function: functionWith(harmless) })])).toEqual(plain)
  })

  it('is nothing for resources that only say who may do what, or what is shown', () => {
    const shown = ['CloudWatch::Dashboard', 'CloudWatch::Alarm', 'CloudWatch::CompositeAlarm', 'SNS::Topic']
    const types = ['IAM::Policy', 'KMS::Key', 'SNS::TopicPolicy', 'CDK::Metadata', ...shown]
    const resources = Object.fromEntries(
      types.map((type, index) => [`Resource${index}`, { Type: `AWS::${type}` }]),
    )
    expect(planDeployment([stackOf(resources)])).toEqual({
      streams: [],
      tables: [],
      buckets: [],
      queues: [],
      secrets: [],
      functions: [],
      mappings: [],
      outputs: {},
      names: { streams: {}, tables: {}, buckets: {}, queues: {}, functions: {} },
      notices: [],
    })
  })

  it('is the same for the same template', () => {
    const resources = { Stream: stream, Role: role, Function: functionWith(), Mapping: mappingWith() }
    expect(planDeployment([stackOf(resources)])).toEqual(planDeployment([stackOf(resources)]))
  })
})

describe('conditions', () => {
  const conditions = {
    Here: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] },
    Elsewhere: { 'Fn::Not': [{ Condition: 'Here' }] },
  }

  it('decide whether a resource and an output are there', () => {
    const plan = planDeployment([
      stackOf(
        { Stream: { ...stream, Condition: 'Here' }, Other: { ...stream, Condition: 'Elsewhere' } },
        {
          Conditions: conditions,
          Outputs: {
            Name: { Value: { Ref: 'Stream' }, Condition: 'Here' },
            OtherName: { Value: { Ref: 'Other' }, Condition: 'Elsewhere' },
          },
        },
      ),
    ])
    expect(plan.streams.map(({ name }) => name)).toEqual(['dev-Stream'])
    expect(plan.outputs).toEqual({ Name: 'dev-Stream' })
  })

  it('decide about properties, of which one without a value is not there', () => {
    const network = { 'Fn::If': ['Elsewhere', { SubnetIds: ['subnet-1'] }, { Ref: 'AWS::NoValue' }] }
    const resources = {
      Stream: { ...stream, Properties: { ShardCount: { 'Fn::If': ['Here', 2, 5] } } },
      Role: role,
      Function: functionWith({ VpcConfig: network }),
    }
    const plan = planDeployment([stackOf(resources, { Conditions: conditions })])
    expect(plan.streams[0]?.shardCount).toBe(2)
    expect(plan.functions).toHaveLength(1)
  })

  it('that need themselves are refused', () => {
    const circle = { One: { Condition: 'Two' }, Two: { Condition: 'One' } }
    expect(() =>
      planDeployment([stackOf({ Stream: { ...stream, Condition: 'One' } }, { Conditions: circle })]),
    ).toThrow('dev/Stream: the condition One refers to itself')
  })
})

function consumers(streamArn: object): AssemblyStack {
  const mapping = mappingWith({ EventSourceArn: streamArn })
  return stackOf({ Role: role, Function: functionWith(), Mapping: mapping }, {}, 'consumers')
}

describe('several stacks', () => {
  const streams = stackOf(
    { Stream: stream },
    {
      Outputs: {
        StreamName: { Value: { Ref: 'Stream' } },
        ExportsOutputStreamArn: {
          Value: { 'Fn::GetAtt': ['Stream', 'Arn'] },
          Export: { Name: { 'Fn::Sub': '${AWS::StackName}:StreamArn' } },
        },
      },
    },
    'streams',
  )
  it.each([
    ['an export', { 'Fn::ImportValue': 'streams:StreamArn' }],
    ['an output', { 'Fn::GetStackOutput': { StackName: 'streams', OutputName: 'ExportsOutputStreamArn' } }],
  ])('refer to each other by %s, in any order', (_what, reference) => {
    const plan = planDeployment([consumers(reference), streams])
    expect(plan.mappings[0]?.streamArn).toBe('arn:aws:kinesis:us-east-1:000000000000:stream/streams-Stream')
  })

  it('have their things under the output that names them, or else the logical id', () => {
    const { names } = planDeployment([streams, consumers({ 'Fn::ImportValue': 'streams:StreamArn' })])
    expect(names).toEqual({
      streams: { StreamName: 'streams-Stream' },
      tables: {},
      buckets: {},
      queues: {},
      functions: { Function: 'consumers-Function' },
    })
  })

  it('that are alike, as in two stages, keep their names apart', () => {
    const plan = planDeployment([streams, { ...streams, name: 'prod' }])
    const expected = { 'streams.StreamName': 'streams-Stream', 'prod.StreamName': 'prod-Stream' }
    expect(plan.names.streams).toEqual(expected)
    expect(plan.outputs).toMatchObject(expected)
  })

  it('of one name, as in two regions, are refused', () => {
    expect(() => planDeployment([streams, streams])).toThrow(
      'there are two stacks streams; locally there is one region and one account',
    )
  })

  it('name the reference that leads nowhere', () => {
    expect(() => planDeployment([streams, consumers({ 'Fn::ImportValue': 'streams:Arn' })])).toThrow(
      'consumers/Mapping: Fn::ImportValue streams:Arn refers to nothing that is known locally',
    )
  })
})

function streamOfSize(parameter: Template['Parameters'][string]): AssemblyStack {
  const Stream = { ...stream, Properties: { ShardCount: { Ref: 'Size' } } }
  return stackOf({ Stream }, { Parameters: { Size: parameter } })
}

describe('parameters', () => {
  it('are at their defaults', () => {
    expect(planDeployment([streamOfSize({ Type: 'Number', Default: '2' })]).streams[0]?.shardCount).toBe(2)
  })

  it.each([
    [{ Type: 'Number' }, 'dev/Stream: the parameter Size has no default, and nothing else gives it a value'],
    [
      { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/size' },
      'dev/Stream: the parameter Size is one of SSM, which is not here',
    ],
  ])('that have no value are refused: %j', (parameter, message) => {
    expect(() => planDeployment([streamOfSize(parameter)])).toThrow(message)
  })
})

it('refuses a template that has yet to be transformed', () => {
  const transform = { Transform: 'AWS::Serverless-2016-10-31' }
  expect(() => planDeployment([stackOf({}, transform)])).toThrow(
    'dev: templates with a Transform are not supported locally',
  )
})

describe('what is refused, with the resource and what is wrong about it', () => {
  it.each([
    [
      'an unknown type',
      { Table: { Type: 'AWS::ElastiCache::CacheCluster' } },
      'dev/Table: the resource type AWS::ElastiCache::CacheCluster is not supported locally',
    ],
    [
      'an unknown intrinsic',
      { Stream: { ...stream, Properties: { Name: { 'Fn::Base64': 'x' } } } },
      'dev/Stream: the intrinsic function Fn::Base64 is not supported locally',
    ],
    [
      'code that is no asset',
      { Role: role, Function: functionWith({ Code: { S3Key: 'ffff.zip' } }) },
      'dev/Function: its code ffff is no asset of dev',
    ],
    [
      'inline code',
      { Role: role, Function: functionWith({ Code: { ZipFile: 'exports.handler = 1' } }) },
      'dev/Function: property Code.ZipFile is not supported locally: inline code has to become an asset',
    ],
    [
      'a mapping of a function that is not there',
      { Stream: stream, Mapping: mappingWith({ FunctionName: 'other' }) },
      'dev/Mapping: there is no function other',
    ],
    [
      'settings that exclude each other',
      {
        Stream: stream,
        Function: functionWith(),
        Role: role,
        Mapping: mappingWith({ TumblingWindowInSeconds: 60, ParallelizationFactor: 2 }),
      },
      'dev/Mapping: Parallelization factor must be equal to 1 when tumbling window period is configured',
    ],
    [
      'a filter that is none',
      {
        Stream: stream,
        Function: functionWith(),
        Role: role,
        Mapping: mappingWith({ FilterCriteria: { Filters: [{ Pattern: '{' }] } }),
      },
      'dev/Mapping: Invalid filter pattern definition.',
    ],
    [
      'a mapping of a stream that is not there',
      {
        Role: role,
        Function: functionWith(),
        Mapping: mappingWith({ EventSourceArn: 'arn:aws:sqs:us-east-1:000000000000:orders' }),
      },
      'dev/Mapping: there is no stream arn:aws:sqs:us-east-1:000000000000:orders',
    ],
    [
      'a mapping with its own throughput',
      {
        Role: role,
        Function: functionWith(),
        Mapping: mappingWith({ EventSourceArn: 'arn:aws:kinesis:us-east-1:0:stream/s/consumer/c:1' }),
      },
      'dev/Mapping: property EventSourceArn is not supported locally: arn:aws:kinesis:us-east-1:0:stream/s/consumer/c:1',
    ],
    [
      'layers',
      { Role: role, Function: functionWith({ Layers: ['arn:aws:lambda:::layer'] }) },
      'dev/Function: property Layers is not supported locally',
    ],
    [
      'a network of its own',
      { Role: role, Function: functionWith({ VpcConfig: { SubnetIds: ['subnet-1'] } }) },
      'dev/Function: property VpcConfig is not supported locally',
    ],
    [
      'an image',
      { Role: role, Function: functionWith({ PackageType: 'Image', Code: { ImageUri: 'x' } }) },
      'dev/Function: property Code.ImageUri is not supported locally: only assets that are directories run here',
    ],
    [
      'another language',
      { Role: role, Function: functionWith({ Runtime: 'python3.13' }) },
      'dev/Function: property Runtime is not supported locally: only Node.js runs here',
    ],
    [
      'notifications of a bucket',
      { Bucket: { Type: 'AWS::S3::Bucket', Properties: { NotificationConfiguration: { Any: 1 } } } },
      'dev/Bucket: property NotificationConfiguration is not supported locally',
    ],
    [
      'a FIFO queue',
      { Queue: { Type: 'AWS::SQS::Queue', Properties: { FifoQueue: true } } },
      'dev/Queue: property FifoQueue is not supported locally: only standard queues run here',
    ],
    [
      'a name of a FIFO queue',
      { Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'failed.fifo' } } },
      'dev/Queue: property QueueName is not supported locally: only standard queues run here',
    ],
    [
      'failed batches for a queue that is not there',
      {
        Stream: stream,
        Role: role,
        Function: functionWith(),
        Mapping: mappingWith(onFailure('arn:aws:sqs:us-east-1:000000000000:other')),
      },
      'dev/Mapping: there is no queue arn:aws:sqs:us-east-1:000000000000:other',
    ],
    [
      'a property that does not exist',
      { Stream: { ...stream, Properties: { ShardCuont: 4 } } },
      'dev/Stream: property ShardCuont is not supported locally',
    ],
    [
      'a value from elsewhere',
      {
        Role: role,
        Function: functionWith({
          Environment: {
            Variables: {
              PASSWORD: { 'Fn::Join': ['', ['{{resolve:secretsmanager:', 'x', ':SecretString}}']] },
            },
          },
        }),
      },
      'dev/Function: property Environment: the dynamic reference {{resolve:secretsmanager:x:SecretString}} is not supported locally',
    ],
    [
      'a reference to something that is not there',
      { Role: role, Function: functionWith({ Environment: { Variables: { NAME: { Ref: 'Table' } } } }) },
      'dev/Function: Ref Table refers to nothing that is known locally',
    ],
    [
      'a name that is taken',
      {
        Stream: { ...stream, Properties: { Name: 'orders' } },
        Other: { ...stream, Properties: { Name: 'orders' } },
      },
      'dev/Other: its name orders is that of dev/Stream already',
    ],
    [
      'a condition that is not there',
      { Stream: { ...stream, Condition: 'Missing' } },
      'dev/Stream: there is no condition Missing',
    ],
    [
      'an unknown type, even where its condition is not met',
      { Cache: { Type: 'AWS::ElastiCache::CacheCluster', Condition: 'Never' } },
      'dev/Cache: the resource type AWS::ElastiCache::CacheCluster is not supported locally',
    ],
    [
      'a retention of less than a day',
      { Stream: { ...stream, Properties: { RetentionPeriodHours: 23 } } },
      'dev/Stream: property RetentionPeriodHours is not supported locally',
    ],
    [
      'no shards',
      { Stream: { ...stream, Properties: { ShardCount: 0 } } },
      'dev/Stream: property ShardCount is not supported locally',
    ],
  ])('%s', (_what, resources, message) => {
    expect(() => planDeployment([stackOf(resources)])).toThrow(message)
  })
})
