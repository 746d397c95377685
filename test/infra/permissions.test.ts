import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { streams, tables } from '../../consumers/pipelines.ts'
import { stages } from '../../infra/stages.ts'
import { allOptions, type SynthesisedTemplate, templateOf } from './synthesised.ts'

const oneOrMore = z.union([z.string().transform((text) => [text]), z.array(z.string())])
const statementSchema = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Action: oneOrMore,
  Resource: oneOrMore.default([]),
  Principal: z.unknown().optional(),
  Condition: z.unknown().optional(),
})
type Statement = z.output<typeof statementSchema>
const documentSchema = z.strictObject({
  Version: z.literal('2012-10-17'),
  Statement: z.array(statementSchema),
})
const policySchema = z.object({ PolicyDocument: documentSchema, Roles: z.array(z.string()) })

/** What a function that consumes a stream, or a table's stream, may do to what; `P` is the pipeline's id, `p` its name. */
const permitted = [
  ['logs:CreateLogStream', '{PLogs.Arn}'],
  ['logs:PutLogEvents', '{PLogs.Arn}'],
  ['secretsmanager:GetSecretValue', '{MomentoSecret}'],
  ['s3:PutObject', '{FailedRecords.Arn}/rejected/p/*'],
  // Lambda itself, with the function's role, for batches that the mapping gives up.
  ['s3:PutObject', '{FailedRecords.Arn}/aws/lambda/*'],
  ['s3:ListBucket', '{FailedRecords.Arn}'],
] as const
const readingStream = [
  'DescribeStream',
  'DescribeStreamConsumer',
  'DescribeStreamSummary',
  'GetRecords',
  'GetShardIterator',
  'ListShards',
  'ListStreams',
  'SubscribeToShard',
].map((action) => `kinesis:${action}`)
const readingTable = ['DescribeStream', 'GetRecords', 'GetShardIterator'].map(
  (action) => `dynamodb:${action}`,
)

/** What AWS cannot limit to a resource, with the reason. */
const unlimited = new Map([
  ['xray:PutTraceSegments', 'traces belong to the account'],
  ['xray:PutTelemetryRecords', 'traces belong to the account'],
  ['ec2:CreateNetworkInterface', 'the interface has no name yet'],
  ['ec2:DeleteNetworkInterface', 'its name is not known to the template'],
  ['ec2:AssignPrivateIpAddresses', 'its name is not known to the template'],
  ['ec2:UnassignPrivateIpAddresses', 'its name is not known to the template'],
  ['ec2:DescribeNetworkInterfaces', 'describing knows no resources'],
  ['ec2:DescribeSubnets', 'describing knows no resources'],
])

/** Who may do something in a template, each as `principal action resource`. */
const reading = [
  ...streams.flatMap(({ name, pipelines }) =>
    pipelines.map((of) => ({ ...of, source: `{${pascal(name)}Stream.Arn}`, actions: readingStream })),
  ),
  ...tables.flatMap(({ name, pipelines }) =>
    pipelines.map((of) => ({ ...of, source: `{${pascal(name)}Table.StreamArn}`, actions: readingTable })),
  ),
]

function pascal(name: string): string {
  return name.replaceAll(/(?:^|-)(.)/g, (_match, first: string) => first.toUpperCase())
}

function triples(role: string, effect: Statement['Effect'], statements: readonly Statement[]): string[] {
  return statements
    .filter((statement) => statement.Effect === effect)
    .flatMap(({ Action: actions, Resource: resources }) =>
      actions.flatMap((action) => resources.map((resource) => `${role} ${action} ${resource}`)),
    )
}

function allowedByRole(template: SynthesisedTemplate): string[] {
  return template
    .ofType('AWS::IAM::Policy')
    .map(([, { Properties }]) => policySchema.parse(Properties))
    .flatMap(({ Roles, PolicyDocument: { Statement: statements } }) =>
      Roles.flatMap((role) => triples(role, 'Allow', statements)),
    )
}

const usual = reading.flatMap(({ name, source, actions }) => {
  const role = `{${pascal(name)}Role}`
  const own = permitted.map(([action, resource]) => {
    const of = resource.replace('{P', `{${pascal(name)}`).replace('/p/', `/${name}/`)
    return `${role} ${action} ${of}`
  })
  return [...own, ...actions.map((action) => `${role} ${action} ${source}`)]
})

describe.each(Object.keys(stages) as (keyof typeof stages)[])('in %s', (stage) => {
  const template = templateOf(stage)

  it('roles may do exactly what is listed here, each to one thing or below one prefix', () => {
    expect(allowedByRole(template).sort()).toEqual(usual.toSorted())
  })

  it('roles are assumed by Lambda only and have no policies but these', () => {
    const roles = template.ofType('AWS::IAM::Role')
    expect(roles).toHaveLength(reading.length)
    for (const [, { Properties }] of roles) {
      const assumedBy = { Service: 'lambda.amazonaws.com' }
      expect(Properties).toEqual({
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: assumedBy }],
        },
      })
    }
  })

  it('resource policies deny, but that alarms may publish', () => {
    const types = [...new Set(template.types.values())].filter((type) => type.endsWith('Policy'))
    expect(types.sort()).toEqual(['AWS::IAM::Policy', 'AWS::S3::BucketPolicy', 'AWS::SNS::TopicPolicy'])
    const statementsOf = (id: string) =>
      z.looseObject({ PolicyDocument: documentSchema }).parse(template.properties(id)).PolicyDocument
        .Statement
    expect(statementsOf('FailedRecordsPolicy').map(({ Effect }) => Effect)).toEqual(['Deny'])
    expect(statementsOf('AlarmTopicPolicy')).toEqual([
      expect.objectContaining({ Effect: 'Deny' }),
      expect.objectContaining({
        Effect: 'Allow',
        Action: ['sns:Publish'],
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Condition: {
          StringEquals: { 'aws:SourceAccount': expect.anything() },
          ArnLike: { 'aws:SourceArn': expect.anything() },
        },
      }),
    ])
  })
})

describe('with every option', () => {
  const template = templateOf(allOptions)
  const allowed = allowedByRole(template)
  const ofConsumers = allowed.filter((triple) => !triple.startsWith('{NetworkVpcFlowLogIAMRole}'))

  it('roles may do besides only what the option is about', () => {
    const more = reading.flatMap(({ name, actions }) => {
      const role = `{${pascal(name)}Role}`
      const isOfStream = actions === readingStream
      const fanOut = `{${pascal(name)}FanOut.ConsumerARN}`
      return [
        `${role} kms:Decrypt {Key.Arn}`,
        `${role} kms:GenerateDataKey {Key.Arn}`,
        ...[...unlimited.keys()].map((action) => `${role} ${action} *`),
        ...(isOfStream
          ? [`${role} kinesis:DescribeStreamConsumer ${fanOut}`, `${role} kinesis:SubscribeToShard ${fanOut}`]
          : []),
      ]
    })
    expect(ofConsumers.toSorted()).toEqual([...usual, ...more].sort())
  })

  it('the network may write its log', () => {
    const role = '{NetworkVpcFlowLogIAMRole}'
    const log = '{NetworkRefused.Arn}'
    expect(allowed.filter((triple) => triple.startsWith(role)).sort()).toEqual([
      `${role} logs:CreateLogStream ${log}`,
      `${role} logs:DescribeLogStreams ${log}`,
      `${role} logs:PutLogEvents ${log}`,
    ])
  })

  it("the functions' own code may do nothing to networks", () => {
    const denied = template
      .ofType('AWS::IAM::Policy')
      .map(([, { Properties }]) => policySchema.parse(Properties))
      .filter(({ Roles }) => !Roles.includes('{NetworkVpcFlowLogIAMRole}'))
      .map(({ PolicyDocument }) => PolicyDocument.Statement.filter(({ Effect }) => Effect === 'Deny'))
    const network = [...unlimited.keys()].filter((action) => action.startsWith('ec2:')).sort()
    const condition = { Null: { 'lambda:SourceFunctionArn': 'false' } }
    expect(denied).toEqual(
      reading.map(() => [{ Effect: 'Deny', Action: network, Resource: ['*'], Condition: condition }]),
    )
  })
})
