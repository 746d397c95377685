import { describe, expect, it } from 'vitest'
import { type DeploymentPlan, planDeployment } from '../../../local/deploy/plan.ts'
import { withQueuesAt } from '../../../local/deploy/queue-urls.ts'

type Properties = Readonly<Record<string, unknown>>

function planOf(
  resources: Readonly<Record<string, { readonly Type: string; readonly Properties?: Properties }>>,
  outputs: Readonly<Record<string, unknown>> = {},
): DeploymentPlan {
  const template = {
    Parameters: {},
    Mappings: {},
    Conditions: {},
    Outputs: Object.fromEntries(Object.entries(outputs).map(([name, Value]) => [name, { Value }])),
    Resources: resources,
  }
  return planDeployment([{ name: 'dev', template, assetPaths: new Map([['c0de', '/assembly/asset.c0de']]) }])
}

const queue = { Type: 'AWS::SQS::Queue' }

describe('a planned queue', () => {
  it('has the attributes that change how it works', () => {
    const properties = {
      QueueName: 'failed',
      VisibilityTimeout: '30',
      DelaySeconds: 5,
      RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Other', 'Arn'] }, maxReceiveCount: 3 },
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 1_209_600,
    }
    expect(planOf({ Queue: { ...queue, Properties: properties }, Other: queue }).queues).toEqual([
      {
        name: 'failed',
        arn: 'arn:aws:sqs:us-east-1:000000000000:failed',
        attributes: {
          VisibilityTimeout: '30',
          DelaySeconds: '5',
          RedrivePolicy:
            '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dev-Other","maxReceiveCount":3}',
        },
      },
      { name: 'dev-Other', arn: 'arn:aws:sqs:us-east-1:000000000000:dev-Other', attributes: {} },
    ])
  })

  it('is referred to by its URL, its ARN and its name', () => {
    const value = { 'Fn::Sub': '${Queue} ${Queue.QueueUrl} ${Queue.Arn} ${Queue.QueueName}' }
    const url = 'https://sqs.us-east-1.amazonaws.com/000000000000/dev-Queue'
    expect(planOf({ Queue: queue }, { All: value }).outputs).toEqual({
      All: `${url} ${url} arn:aws:sqs:us-east-1:000000000000:dev-Queue dev-Queue`,
    })
  })

  it('is known by the output that gives its URL', () => {
    const { names } = planOf({ Queue: queue }, { FailedUrl: { Ref: 'Queue' } })
    expect(names.queues).toEqual({ FailedUrl: 'dev-Queue' })
  })
})

describe('URLs of queues', () => {
  const plan = planOf(
    {
      Queue: queue,
      Secret: {
        Type: 'AWS::SecretsManager::Secret',
        Properties: { SecretString: { 'Fn::Sub': '{"queue":"${Queue}"}' } },
      },
      Function: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          Code: { S3Key: 'c0de.zip' },
          Handler: 'index.handler',
          Role: 'arn:aws:iam::000000000000:role/r',
          Environment: {
            Variables: {
              TWICE: { 'Fn::Sub': '${Queue},${Queue}' },
              ASSEMBLED: {
                'Fn::Sub': 'https://sqs.${AWS::Region}.${AWS::URLSuffix}/${AWS::AccountId}/dev-Queue',
              },
              NAME: { 'Fn::GetAtt': ['Queue', 'QueueName'] },
              OF_ANOTHER_ACCOUNT: 'https://sqs.us-east-1.amazonaws.com/111122223333/dev-Queue',
            },
          },
        },
      },
    },
    { FailedUrl: { Ref: 'Queue' } },
  )

  it('lead to where SQS runs, wherever a plan has them, and nothing else changes', () => {
    const url = 'http://127.0.0.1:40123/000000000000/dev-Queue'
    const [lambda] = plan.functions
    const environment = {
      TWICE: `${url},${url}`,
      ASSEMBLED: url,
      NAME: 'dev-Queue',
      OF_ANOTHER_ACCOUNT: 'https://sqs.us-east-1.amazonaws.com/111122223333/dev-Queue',
    }
    expect(withQueuesAt(plan, 'http://127.0.0.1:40123')).toEqual({
      ...plan,
      functions: [{ ...lambda, environment }],
      secrets: [expect.objectContaining({ name: 'dev-Secret', secretString: `{"queue":"${url}"}` })],
      outputs: { FailedUrl: url },
    })
  })
})
