import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { App } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { flights } from '../../consumers/flights/pipeline.ts'
import { environmentVariable, metric, metricsDimension, metricsNamespace } from '../../consumers/settings.ts'
import { StreamProcessingStack } from '../../infra/stream-processing-stack.ts'
import { resolveIntrinsics } from '../../local/deploy/intrinsics.ts'

const oneOrMore = z.union([z.string().transform((text) => [text]), z.array(z.string())])
const policySchema = z.looseObject({
  PolicyDocument: z.object({
    Version: z.literal('2012-10-17'),
    Statement: z.array(z.looseObject({ Effect: z.string(), Action: oneOrMore, Resource: oneOrMore })),
  }),
})
const dashboardSchema = z.looseObject({
  widgets: z.array(z.looseObject({ properties: z.looseObject({ metrics: z.array(z.array(z.unknown())) }) })),
})

const template = synthesised()

function synthesised(): Template {
  const cdkJson = readFileSync(join(import.meta.dirname, '..', '..', 'cdk.json'), 'utf8')
  const { context } = z.looseObject({ context: z.record(z.string(), z.unknown()) }).parse(JSON.parse(cdkJson))
  const app = new App({
    context: {
      ...context,
      // Both take longer than all the rest, and neither changes the template but for the hash of the code.
      'aws:cdk:bundling-stacks': [],
      '@aws-cdk/core:validateAgainstDefaultRules': false,
    },
  })
  return Template.fromStack(
    new StreamProcessingStack(app, 'test', {
      shardCount: 3,
      parallelizationFactor: 7,
      momentoCacheName: 'departures',
    }),
  )
}

/** The only resource of a type: its properties with references as `{FlightsStream}` and `{FlightsStream.Arn}`. */
function only(type: string): unknown {
  const resources = Object.values(template.findResources(type))
  expect(resources).toHaveLength(1)
  return readable(resources[0])
}

function withoutHash(logicalId: string): string {
  return logicalId.replace(/[0-9A-F]{8}$/, '')
}

function readable(value: unknown): unknown {
  return resolveIntrinsics(value, {
    ref: (name) => `{${withoutHash(name)}}`,
    attribute: (logicalId, attribute) => `{${withoutHash(logicalId)}.${attribute}}`,
  })
}

function statements(): { readonly Effect: string; readonly Action: string[]; readonly Resource: string[] }[] {
  return Object.values(template.findResources('AWS::IAM::Policy')).flatMap(
    ({ Properties }) => policySchema.parse(readable(Properties)).PolicyDocument.Statement,
  )
}

describe('the stream', () => {
  it('has the shards that were asked for and is encrypted', () => {
    expect(only('AWS::Kinesis::Stream')).toMatchObject({
      Properties: {
        ShardCount: 3,
        StreamModeDetails: { StreamMode: 'PROVISIONED' },
        StreamEncryption: { EncryptionType: 'KMS' },
      },
    })
  })

  it('keeps records longer than the mapping tries to deliver them', () => {
    expect(only('AWS::Kinesis::Stream')).toMatchObject({ Properties: { RetentionPeriodHours: 24 } })
    expect(flights.maximumRecordAgeMs).toBeLessThan(24 * 3_600_000)
  })
})

describe('the mapping', () => {
  it('reads the stream from its beginning, in parallel, and isolates what fails', () => {
    expect(only('AWS::Lambda::EventSourceMapping')).toMatchObject({
      Properties: {
        EventSourceArn: '{FlightsStream.Arn}',
        FunctionName: '{FlightsFunction}',
        StartingPosition: 'TRIM_HORIZON',
        ParallelizationFactor: 7,
        BatchSize: 1_000,
        MaximumBatchingWindowInSeconds: 1,
        BisectBatchOnFunctionError: true,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        DestinationConfig: { OnFailure: { Destination: '{FailedRecords.Arn}' } },
      },
    })
  })

  it("gives records up at the pipeline's age and for no other reason", () => {
    const mapping = only('AWS::Lambda::EventSourceMapping')
    expect(mapping).toMatchObject({
      Properties: { MaximumRecordAgeInSeconds: flights.maximumRecordAgeMs / 1_000 },
    })
    expect(mapping).not.toHaveProperty('Properties.MaximumRetryAttempts')
    expect(mapping).not.toHaveProperty('Properties.FilterCriteria')
  })
})

describe('the function', () => {
  it('runs on a current Node.js and on ARM', () => {
    expect(only('AWS::Lambda::Function')).toMatchObject({
      Properties: {
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
        MemorySize: 512,
        Timeout: 30,
      },
    })
  })

  it('gets every variable that its handler reads, and nothing else', () => {
    expect(only('AWS::Lambda::Function')).toMatchObject({
      Properties: {
        Environment: {
          Variables: {
            [environmentVariable.momentoSecretArn]: '{MomentoSecret}',
            [environmentVariable.momentoCacheName]: 'departures',
            [environmentVariable.failedRecordsBucket]: '{FailedRecords}',
          },
        },
      },
    })
    const { Variables: variables } = z
      .object({ Properties: z.object({ Environment: z.object({ Variables: z.looseObject({}) }) }) })
      .parse(only('AWS::Lambda::Function')).Properties.Environment
    expect(Object.keys(variables).sort()).toEqual(Object.values(environmentVariable).sort())
  })

  it('logs into a group of its own that forgets after a month', () => {
    expect(only('AWS::Logs::LogGroup')).toMatchObject({ Properties: { RetentionInDays: 30 } })
    expect(only('AWS::Lambda::Function')).toMatchObject({
      Properties: { LoggingConfig: { LogGroup: '{FlightsLogs}' } },
    })
  })
})

describe('permissions', () => {
  it('are all of one role, with no policy managed elsewhere', () => {
    expect(only('AWS::IAM::Policy')).toMatchObject({ Properties: { Roles: ['{FlightsRole}'] } })
    expect(only('AWS::IAM::Role')).not.toHaveProperty('Properties.ManagedPolicyArns')
    expect(only('AWS::IAM::Role')).not.toHaveProperty('Properties.Policies')
  })

  it('name every action, and every resource but for what lies below a prefix', () => {
    for (const { Effect: effect, Action: actions, Resource: resources } of statements()) {
      expect(effect).toBe('Allow')
      expect(actions.filter((action) => action.includes('*'))).toEqual([])
      const wide = resources.filter((resource) => resource.replace(/\/[a-z]+\/[a-z]+\/\*$/, '').includes('*'))
      expect(wide).toEqual([])
    }
  })

  it('are those that the function needs, each on the one thing that it needs it for', () => {
    const onOthers = statements().filter(({ Resource: [resource] }) => resource !== '{FlightsStream.Arn}')
    const granted = onOthers.map(({ Action: actions, Resource: resources }) => [actions, resources])
    expect(granted).toHaveLength(4)
    expect(granted).toEqual(
      expect.arrayContaining([
        [['logs:CreateLogStream', 'logs:PutLogEvents'], ['{FlightsLogs.Arn}']],
        [['secretsmanager:GetSecretValue'], ['{MomentoSecret}']],
        [
          ['s3:PutObject'],
          ['{FailedRecords.Arn}/aws/lambda/*', `{FailedRecords.Arn}/rejected/${flights.name}/*`],
        ],
        [['s3:ListBucket'], ['{FailedRecords.Arn}']],
      ]),
    )
  })

  it('let the mapping read the stream and not write to it', () => {
    const onStream = statements().filter(({ Resource: [resource] }) => resource === '{FlightsStream.Arn}')
    const actions = onStream.flatMap(({ Action: all }) => all)
    expect(actions).toEqual(expect.arrayContaining(['kinesis:GetRecords', 'kinesis:GetShardIterator']))
    expect(actions.filter((action) => !/^kinesis:(Describe|Get|List|Subscribe)/.test(action))).toEqual([])
  })
})

describe('the bucket', () => {
  it('is encrypted, closed to the public and forgets after a month', () => {
    expect(only('AWS::S3::Bucket')).toMatchObject({
      Properties: {
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
        },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        LifecycleConfiguration: { Rules: [{ ExpirationInDays: 30, Status: 'Enabled' }] },
      },
    })
  })

  it('has a policy that only denies: everything without TLS', () => {
    expect(only('AWS::S3::BucketPolicy')).toMatchObject({
      Properties: {
        PolicyDocument: {
          Statement: [
            {
              Effect: 'Deny',
              Action: 's3:*',
              Principal: { AWS: '*' },
              Condition: { Bool: { 'aws:SecureTransport': 'false' } },
              Resource: ['{FailedRecords.Arn}', '{FailedRecords.Arn}/*'],
            },
          ],
        },
      },
    })
  })
})

/** A metric of the functions, as a widget names it. */
function nameOf(name: string): string {
  return `${metricsNamespace} ${name} ${metricsDimension} ${flights.name}`
}

describe('the dashboard', () => {
  const body = z.object({ Properties: z.object({ DashboardBody: z.string() }) })
  const shown = (): string[] => {
    const { widgets } = dashboardSchema.parse(
      JSON.parse(body.parse(only('AWS::CloudWatch::Dashboard')).Properties.DashboardBody),
    )
    return widgets.flatMap(({ properties }) => properties.metrics.map((one) => one.slice(0, 4).join(' ')))
  }

  it('shows metrics that the functions write, under the names of the settings', () => {
    const own = shown().filter((name) => name.startsWith(`${metricsNamespace} `))
    const written = new Set(Object.values(metric).map(nameOf))
    expect(own.filter((name) => !written.has(name))).toEqual([])
    const { records, counted, duplicates, rejected, unfinished } = metric
    const needed = [records, counted, duplicates, rejected, unfinished].map(nameOf)
    expect(own).toEqual(expect.arrayContaining(needed))
  })

  it('shows what the mapping gives up, which the mapping is told to report', () => {
    expect(only('AWS::Lambda::EventSourceMapping')).toMatchObject({
      Properties: { MetricsConfig: { Metrics: ['EventCount'] } },
    })
    const ofMapping = shown().filter((name) => name.includes(' EventSourceMappingUUID '))
    expect(ofMapping.map((name) => name.split(' ')[1])).toEqual([
      'OnFailureDestinationDeliveredEventCount',
      'DroppedEventCount',
    ])
  })

  it('shows lag, throttling, errors and discarded batches', () => {
    expect(shown()).toEqual(
      expect.arrayContaining([
        'AWS/Lambda IteratorAge FunctionName {FlightsFunction}',
        'AWS/Lambda Throttles FunctionName {FlightsFunction}',
        'AWS/Lambda Errors FunctionName {FlightsFunction}',
        'AWS/Lambda DestinationDeliveryFailures FunctionName {FlightsFunction}',
        'AWS/Kinesis IncomingRecords StreamName {FlightsStream}',
        'AWS/Kinesis WriteProvisionedThroughputExceeded StreamName {FlightsStream}',
        'AWS/Kinesis ReadProvisionedThroughputExceeded StreamName {FlightsStream}',
      ]),
    )
  })
})

it('has outputs under the names by which its stream, function, bucket, secret and cache are found', () => {
  const outputs = Object.entries(template.findOutputs('*')).map(([name, { Value }]) => [
    name,
    readable(Value),
  ])
  expect(Object.fromEntries(outputs)).toEqual({
    FlightsStreamName: '{FlightsStream}',
    FlightsFunctionName: '{FlightsFunction}',
    FailedRecordsBucketName: '{FailedRecords}',
    MomentoSecretArn: '{MomentoSecret}',
    MomentoCacheName: 'departures',
  })
})
