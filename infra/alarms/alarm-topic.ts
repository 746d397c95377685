import { ArnFormat, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib'
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Key } from 'aws-cdk-lib/aws-kms'
import { Topic } from 'aws-cdk-lib/aws-sns'
import type { Construct } from 'constructs'

/**
 * The topic that takes what alarms say: encrypted, over TLS only, and open to the alarms of that name prefix. Nobody is
 * subscribed to it. It has a key of its own because AWS's key for SNS lets no alarm publish, which its history
 * alone shows (Amazon SNS Developer Guide, "Managing Amazon SNS encryption keys and costs").
 */
export function addAlarmTopic(scope: Construct, alarmNamePrefix: string): Topic {
  const key = new Key(scope, 'AlarmTopicKey', {
    description: 'Encrypts what alarms say',
    enableKeyRotation: true,
    // No message is kept that would need it.
    removalPolicy: RemovalPolicy.DESTROY,
  })
  const topic = new Topic(scope, 'AlarmTopic', {
    displayName: `Alarms of ${Stack.of(scope).stackName}`,
    masterKey: key,
    enforceSSL: true,
  })
  const byOurAlarms = {
    principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
    conditions: {
      StringEquals: { 'aws:SourceAccount': Stack.of(scope).account },
      ArnLike: {
        'aws:SourceArn': Stack.of(scope).formatArn({
          service: 'cloudwatch',
          resource: 'alarm',
          resourceName: `${alarmNamePrefix}*`,
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      },
    },
  }
  key.addToResourcePolicy(
    new PolicyStatement({
      ...byOurAlarms,
      actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      resources: ['*'],
    }),
  )
  // The topic's own policy takes the place of the one by which alarms of the account may publish.
  topic.addToResourcePolicy(
    new PolicyStatement({ ...byOurAlarms, actions: ['sns:Publish'], resources: [topic.topicArn] }),
  )
  new CfnOutput(scope, 'AlarmTopicArn', { value: topic.topicArn })
  return topic
}
