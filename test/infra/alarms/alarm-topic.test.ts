import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { monitored, propertiesOf } from '../monitored.ts'

const { template } = monitored()

/** The properties of the only resource of a type. */
function only(type: string): unknown {
  const [properties, ...others] = propertiesOf(template, type).values()
  expect([type, others]).toEqual([type, []])
  return properties
}

const topic: unknown = expect.stringMatching(/^{AlarmTopic[0-9A-F]{8}}$/)
const ourAlarms = {
  StringEquals: { 'aws:SourceAccount': '{AWS::AccountId}' },
  ArnLike: {
    'aws:SourceArn': 'arn:{AWS::Partition}:cloudwatch:{AWS::Region}:{AWS::AccountId}:alarm:shop-*',
  },
}

describe('the topic', () => {
  it('is encrypted with a key that changes every year', () => {
    expect(only('AWS::SNS::Topic')).toMatchObject({
      KmsMasterKeyId: expect.stringMatching(/^{AlarmTopicKey.*\.Arn}$/) as unknown,
    })
    expect(only('AWS::KMS::Key')).toMatchObject({ EnableKeyRotation: true })
  })

  it('takes nothing without TLS, and of AWS’s services from our alarms alone', () => {
    expect(only('AWS::SNS::TopicPolicy')).toMatchObject({
      Topics: [topic],
      PolicyDocument: {
        Statement: [
          {
            Effect: 'Deny',
            Principal: '*',
            Action: 'sns:Publish',
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          },
          {
            Effect: 'Allow',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Action: 'sns:Publish',
            Resource: topic,
            Condition: ourAlarms,
          },
        ],
      },
    })
  })

  it('has a key that the same alarms may use, without which nothing would arrive', () => {
    expect(only('AWS::KMS::Key')).toMatchObject({
      KeyPolicy: {
        Statement: [
          { Effect: 'Allow', Principal: { AWS: 'arn:{AWS::Partition}:iam::{AWS::AccountId}:root' } },
          {
            Effect: 'Allow',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
            Condition: ourAlarms,
          },
        ],
      },
    })
  })

  it('takes what every alarm says that has it as its action: their names have the prefix', () => {
    const named = ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm']
      .flatMap((type) => [...propertiesOf(template, type).values()])
      .map((properties) => z.looseObject({ AlarmName: z.string() }).parse(properties).AlarmName)
    expect(named.length).toBeGreaterThan(40)
    expect(named.filter((name) => !name.startsWith('shop-'))).toEqual([])
  })

  it('is found by an output, for those who subscribe', () => {
    expect(template.findOutputs('AlarmTopicArn')).toMatchObject({
      AlarmTopicArn: { Value: { Ref: expect.stringMatching(/^AlarmTopic/) as unknown } },
    })
  })
})
