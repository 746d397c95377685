import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { App } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { flights } from '../../consumers/flights/pipeline.ts'
import { streams } from '../../consumers/pipelines.ts'
import { punctuality } from '../../consumers/punctuality/pipeline.ts'
import { environmentVariable } from '../../consumers/settings.ts'
import { StreamProcessingStack } from '../../infra/stream-processing-stack.ts'
import { resolveIntrinsics } from '../../local/deploy/intrinsics.ts'

const oneOrMore = z.union([z.string().transform((text) => [text]), z.array(z.string())])
const policySchema = z.looseObject({
  Roles: z.array(z.string()),
  PolicyDocument: z.object({
    Version: z.literal('2012-10-17'),
    Statement: z.array(z.looseObject({ Effect: z.string(), Action: oneOrMore, Resource: oneOrMore })),
  }),
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
      streams,
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

/** The resource of a type with that logical id; otherwise as `only`. */
function named(type: string, id: string): unknown {
  const found = Object.entries(template.findResources(type)).filter(([each]) => withoutHash(each) === id)
  expect(found).toHaveLength(1)
  return readable(found[0]?.[1])
}

/** The pipelines, all on the stream of flights, with the ids of what belongs to each. */
const consumers = [
  { pipeline: flights, id: 'Flights' },
  { pipeline: punctuality, id: 'Punctuality' },
] as const

function countOf(type: string): number {
  return Object.keys(template.findResources(type)).length
}

function mappingOf(id: string): unknown {
  return named('AWS::Lambda::EventSourceMapping', `${id}FunctionKinesisEventSourcetestFlightsStream`)
}

function withoutHash(logicalId: string): string {
  return logicalId.replace(/([0-9A-F]{8})+$/, '')
}

function readable(value: unknown): unknown {
  return resolveIntrinsics(value, {
    ref: (name) => `{${withoutHash(name)}}`,
    attribute: (logicalId, attribute) => `{${withoutHash(logicalId)}.${attribute}}`,
  })
}

/** What a role may do; without one, what any may. */
function statements(
  role?: string,
): { readonly Effect: string; readonly Action: string[]; readonly Resource: string[] }[] {
  return Object.values(template.findResources('AWS::IAM::Policy'))
    .map(({ Properties }) => policySchema.parse(readable(Properties)))
    .filter(({ Roles: roles }) => role === undefined || roles.includes(role))
    .flatMap(({ PolicyDocument: { Statement } }) => Statement)
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
    for (const { pipeline } of consumers) expect(pipeline.maximumRecordAgeMs).toBeLessThan(24 * 3_600_000)
  })
})

it('gives each pipeline of a stream a function, a role, a log group and a mapping of its own, and nothing else', () => {
  expect(countOf('AWS::Kinesis::Stream')).toBe(1)
  for (const type of [
    'AWS::Lambda::Function',
    'AWS::IAM::Role',
    'AWS::IAM::Policy',
    'AWS::Logs::LogGroup',
    'AWS::Lambda::EventSourceMapping',
  ])
    expect([type, countOf(type)]).toEqual([type, consumers.length])
})

describe.each(consumers)('the mapping of $id', ({ pipeline, id }) => {
  const mapping = (): unknown => mappingOf(id)

  it('reads the one stream from its beginning, in parallel, and isolates what fails', () => {
    expect(mapping()).toMatchObject({
      Properties: {
        EventSourceArn: '{FlightsStream.Arn}',
        FunctionName: `{${id}Function}`,
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
    expect(mapping()).toMatchObject({
      Properties: { MaximumRecordAgeInSeconds: pipeline.maximumRecordAgeMs / 1_000 },
    })
    expect(mapping()).not.toHaveProperty('Properties.MaximumRetryAttempts')
    expect(mapping()).not.toHaveProperty('Properties.FilterCriteria')
  })
})

describe.each(consumers)('the function of $id', ({ id }) => {
  const lambda = (): unknown => named('AWS::Lambda::Function', `${id}Function`)

  it('runs on a current Node.js and on ARM', () => {
    expect(lambda()).toMatchObject({
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
    expect(lambda()).toMatchObject({
      Properties: {
        Environment: {
          Variables: {
            [environmentVariable.momentoSecretArn]: '{MomentoSecret}',
            [environmentVariable.momentoCacheName]: 'departures',
            [environmentVariable.failedRecordsBucket]: '{FailedRecords}',
            [environmentVariable.metricsNamespace]: 'test',
          },
        },
      },
    })
    const { Variables: variables } = z
      .object({ Properties: z.object({ Environment: z.object({ Variables: z.looseObject({}) }) }) })
      .parse(lambda()).Properties.Environment
    expect(Object.keys(variables).sort()).toEqual(Object.values(environmentVariable).sort())
  })

  it('logs into a group of its own that forgets after a month', () => {
    expect(named('AWS::Logs::LogGroup', `${id}Logs`)).toMatchObject({
      Properties: { RetentionInDays: 30 },
    })
    expect(lambda()).toMatchObject({ Properties: { LoggingConfig: { LogGroup: `{${id}Logs}` } } })
  })
})

describe('permissions', () => {
  it.each(consumers)('of $id are of one role, with no policy managed elsewhere', ({ id }) => {
    expect(named('AWS::IAM::Policy', `${id}RoleDefaultPolicy`)).toMatchObject({
      Properties: { Roles: [`{${id}Role}`] },
    })
    const role = named('AWS::IAM::Role', `${id}Role`)
    expect(role).not.toHaveProperty('Properties.ManagedPolicyArns')
    expect(role).not.toHaveProperty('Properties.Policies')
  })

  it('name every action, and every resource but for what lies below a prefix', () => {
    for (const { Effect: effect, Action: actions, Resource: resources } of statements()) {
      expect(effect).toBe('Allow')
      expect(actions.filter((action) => action.includes('*'))).toEqual([])
      const wide = resources.filter((resource) => resource.replace(/\/[a-z]+\/[a-z]+\/\*$/, '').includes('*'))
      expect(wide).toEqual([])
    }
  })

  it.each(consumers)(
    'of $id are those that its function needs, each on the one thing that it needs it for',
    ({ pipeline, id }) => {
      const onOthers = statements(`{${id}Role}`).filter(
        ({ Resource: [resource] }) => resource !== '{FlightsStream.Arn}',
      )
      const granted = onOthers.map(({ Action: actions, Resource: resources }) => [actions, resources])
      expect(granted).toHaveLength(4)
      expect(granted).toEqual(
        expect.arrayContaining([
          [['logs:CreateLogStream', 'logs:PutLogEvents'], [`{${id}Logs.Arn}`]],
          [['secretsmanager:GetSecretValue'], ['{MomentoSecret}']],
          [
            ['s3:PutObject'],
            ['{FailedRecords.Arn}/aws/lambda/*', `{FailedRecords.Arn}/rejected/${pipeline.name}/*`],
          ],
          [['s3:ListBucket'], ['{FailedRecords.Arn}']],
        ]),
      )
    },
  )

  it.each(consumers)('let the mapping of $id read the stream and not write to it', ({ id }) => {
    const onStream = statements(`{${id}Role}`).filter(
      ({ Resource: [resource] }) => resource === '{FlightsStream.Arn}',
    )
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

/** What is to be monitored has to be reported: without being told to, a mapping does not. */
it.each(consumers)('the mapping of $id says what it gives up', ({ id }) => {
  expect(mappingOf(id)).toMatchObject({ Properties: { MetricsConfig: { Metrics: ['EventCount'] } } })
})

function textOf(type: string): string {
  return JSON.stringify(Object.values(template.findResources(type)).map(readable))
}

describe('monitoring', () => {
  it('has every function and mapping on the dashboard, and the stream', () => {
    const dashboard = textOf('AWS::CloudWatch::Dashboard')
    for (const { id } of consumers) {
      expect(dashboard).toContain(`{${id}Function}`)
      expect(dashboard).toContain(`{${id}FunctionKinesisEventSourcetestFlightsStream}`)
    }
    expect(dashboard).toContain('{FlightsStream}')
  })

  it('has alarms for every pipeline, with what its mapping is set to', () => {
    const alarms = textOf('AWS::CloudWatch::Alarm')
    for (const { pipeline } of consumers) {
      expect(alarms).toContain(`test-${pipeline.name}-about-to-lose-records`)
      expect(alarms).toContain(`"Threshold":${pipeline.maximumRecordAgeMs / 2}`)
    }
    // Three shards of seven lanes each.
    expect(alarms).toContain('(1000 * PERIOD(duration) * 21)')
    expect(countOf('AWS::CloudWatch::CompositeAlarm')).toBe(consumers.length)
  })
})

it('has the outputs that the runbook asks for', () => {
  const runbook = readFileSync(join(import.meta.dirname, '..', '..', 'infra', 'RUNBOOK.md'), 'utf8')
  const asked = Array.from(runbook.matchAll(/\$\(output (\w+)\)/g), ([, name]) => name)
  expect(asked).toHaveLength(5)
  expect(Object.keys(template.findOutputs('*'))).toEqual(expect.arrayContaining(asked))
})

it('has outputs under the names by which its stream, functions, bucket, secret, cache, topic and dashboard are found', () => {
  const outputs = Object.entries(template.findOutputs('*')).map(([name, { Value }]) => [
    name,
    readable(Value),
  ])
  expect(Object.fromEntries(outputs)).toEqual({
    FlightsStreamName: '{FlightsStream}',
    FlightsFunctionName: '{FlightsFunction}',
    PunctualityFunctionName: '{PunctualityFunction}',
    AlarmTopicArn: '{AlarmTopic}',
    DashboardName: '{Dashboard}',
    FailedRecordsBucketName: '{FailedRecords}',
    MomentoSecretArn: '{MomentoSecret}',
    MomentoCacheName: 'departures',
  })
})
