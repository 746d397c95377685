import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { resourceName } from '../../../local/deploy/resource-names.ts'

const stackNames = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,127}$/)
const logicalIds = fc.stringMatching(/^[A-Za-z0-9]{1,100}$/)

/** What AWS accepts as names (the services' API references). */
const accepted: readonly (readonly [type: string, form: RegExp])[] = [
  ['AWS::S3::Bucket', /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/],
  ['AWS::Kinesis::Stream', /^[a-zA-Z0-9_.-]{1,128}$/],
  ['AWS::DynamoDB::Table', /^[a-zA-Z0-9_.-]{3,255}$/],
  ['AWS::DynamoDB::GlobalTable', /^[a-zA-Z0-9_.-]{3,255}$/],
  ['AWS::Lambda::Function', /^[a-zA-Z0-9-_]{1,64}$/],
  ['AWS::SQS::Queue', /^[a-zA-Z0-9_-]{1,80}$/],
  ['AWS::SecretsManager::Secret', /^[a-zA-Z0-9/_+=.@-]{1,512}$/],
  ['AWS::Lambda::EventSourceMapping', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/],
]

describe('names', () => {
  it.each(accepted)('are such as AWS takes: %s', (type, form) => {
    fc.assert(
      fc.property(stackNames, logicalIds, (stackName, logicalId) => {
        expect(resourceName(type, stackName, logicalId).name).toMatch(form)
      }),
    )
  })

  it.each(accepted)('stay the same and differ between resources: %s', (type) => {
    const name = (logicalId: string): string => resourceName(type, 'streamtally-dev', logicalId).name
    expect(name('FlightsF041079A')).toBe(name('FlightsF041079A'))
    expect(name('FlightsF041079A')).not.toBe(name('FlightsF041079B'))
  })

  it.each([
    ['AWS::S3::Bucket', /^[a-z0-9]{55}0a1b2c3d$/],
    ['AWS::Lambda::Function', /^[A-Za-z0-9]{56}0A1B2C3D$/],
  ])('that are cut keep the end, which tells the resource from others: %s', (type, form) => {
    expect(resourceName(type, 'dev', `${'VeryLong'.repeat(20)}0A1B2C3D`).name).toMatch(form)
  })

  it.each(accepted)('that are cut tell stacks apart: %s', (type) => {
    const name = (stackName: string): string => resourceName(type, stackName, 'a'.repeat(600)).name
    expect(name('dev')).toBe(name('dev'))
    expect(name('dev')).not.toBe(name('prod'))
  })

  it.each(accepted)('are those that the template gives: %s', (type) => {
    expect(resourceName(type, 'dev', 'Thing', 'given').name).toBe('given')
  })
})

describe('references', () => {
  it.each([
    ['AWS::Kinesis::Stream', 'dev-Flights', 'arn:aws:kinesis:us-east-1:000000000000:stream/dev-Flights'],
    ['AWS::Lambda::Function', 'dev-Flights', 'arn:aws:lambda:us-east-1:000000000000:function:dev-Flights'],
    ['AWS::S3::Bucket', 'dev-flights', 'arn:aws:s3:::dev-flights'],
    ['AWS::IAM::Role', 'dev-Flights', 'arn:aws:iam::000000000000:role/dev-Flights'],
    [
      'AWS::CloudWatch::CompositeAlarm',
      'dev-Flights',
      'arn:aws:cloudwatch:us-east-1:000000000000:alarm:dev-Flights',
    ],
  ])('to a resource are its name, and its ARN is as in AWS: %s', (type, ref, arn) => {
    expect(resourceName(type, 'dev', 'Flights')).toEqual({ name: ref, ref, arn })
  })

  it.each([
    ['AWS::SNS::Topic', 'arn:aws:sns:us-east-1:000000000000:dev-Thing'],
    ['AWS::IAM::ManagedPolicy', 'arn:aws:iam::000000000000:policy/dev-Thing'],
  ])('to some are their ARN: %s', (type, arn) => {
    expect(resourceName(type, 'dev', 'Thing').ref).toBe(arn)
  })

  it('to a queue are its URL', () => {
    expect(resourceName('AWS::SQS::Queue', 'dev', 'Failed')).toEqual({
      name: 'dev-Failed',
      ref: 'https://sqs.us-east-1.amazonaws.com/000000000000/dev-Failed',
      arn: 'arn:aws:sqs:us-east-1:000000000000:dev-Failed',
    })
  })
  it.each(['AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable'])(
    'to a table are its name, with its ARN and that of its stream, whose label is always the same: %s',
    (type) => {
      const arn = 'arn:aws:dynamodb:us-east-1:000000000000:table/dev-Orders'
      const streamArn = `${arn}/stream/2012-08-10T00:00:00.000`
      expect(resourceName(type, 'dev', 'Orders')).toEqual({
        name: 'dev-Orders',
        ref: 'dev-Orders',
        arn,
        streamArn,
      })
    },
  )

  it('to a secret are its ARN, which ends in six random-looking characters', () => {
    const { name, ref, arn } = resourceName('AWS::SecretsManager::Secret', 'dev', 'Momento')
    expect(name).toBe('dev-Momento')
    expect(ref).toBe(arn)
    expect(arn).toMatch(/^arn:aws:secretsmanager:us-east-1:000000000000:secret:dev-Momento-[0-9a-f]{6}$/)
  })
})

it.each(['AWS::ElastiCache::CacheCluster', 'Custom::Thing', 'constructor', 'toString'])(
  'names a type that cannot be deployed: %s',
  (type) => {
    expect(() => resourceName(type, 'dev', 'Thing')).toThrow(
      `the resource type ${type} is not supported locally`,
    )
  },
)
