import { describe, expect, it } from 'vitest'
import { allOptions, stackOf, templateOf } from '../synthesised.ts'

const { env, shardCount, parallelizationFactor } = allOptions
const template = templateOf({ env, shardCount, parallelizationFactor, hasOwnKey: true })
const key = '{Key.Arn}'

describe("a key of the account's own", () => {
  it('is renewed, stays, and lets only the logs of its stack be encrypted by CloudWatch', () => {
    expect(template.resource('Key').DeletionPolicy).toBe('RetainExceptOnCreate')
    expect(template.properties('Key')).toMatchObject({
      EnableKeyRotation: true,
      KeyPolicy: {
        Statement: expect.arrayContaining([
          {
            Effect: 'Allow',
            Principal: { Service: 'logs.eu-central-1.amazonaws.com' },
            Action: [
              'kms:Decrypt',
              'kms:DescribeKey',
              'kms:Encrypt',
              'kms:GenerateDataKey*',
              'kms:ReEncrypt*',
            ],
            Resource: '*',
            Condition: {
              ArnLike: {
                'kms:EncryptionContext:aws:logs:arn':
                  'arn:aws:logs:eu-central-1:{AWS::AccountId}:log-group:test-*',
              },
            },
          },
        ]) as unknown[],
      },
    })
  })

  it('encrypts streams, tables, the bucket, the secret and logs', () => {
    expect(template.properties('FlightsStream')).toMatchObject({
      StreamEncryption: { EncryptionType: 'KMS', KeyId: key },
    })
    expect(template.properties('OrdersTable')).toMatchObject({
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
      Replicas: [{ SSESpecification: { KMSMasterKeyId: key } }],
    })
    expect(template.properties('FailedRecords')).toMatchObject({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          {
            BucketKeyEnabled: true,
            ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key },
          },
        ],
      },
    })
    expect(template.properties('MomentoSecret')).toMatchObject({ KmsKeyId: key })
    for (const [, { Properties }] of template.ofType('AWS::Logs::LogGroup'))
      expect(Properties).toMatchObject({ KmsKeyId: key })
  })

  it('needs a region, as tables do', () => {
    expect(() => stackOf({ shardCount, parallelizationFactor, hasOwnKey: true })).toThrow(
      "test: a table with a key of one's own needs a region: give the stage env: { region: ... }",
    )
  })
})

it('without it there is no key but that of the alarms', () => {
  expect(templateOf('prod').ofType('AWS::KMS::Key')).toEqual([['AlarmTopicKey', expect.anything()]])
})
