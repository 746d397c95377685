import { RemovalPolicy, Validations } from 'aws-cdk-lib'
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import type { Construct } from 'constructs'

export interface MomentoSecretProps {
  /** Encrypts the value. Default the account's own key of Secrets Manager, which costs nothing. */
  readonly encryptionKey?: IKey
  /** Default retained: without it nothing reads or writes. A secret that is destroyed can be had back for 30 days. */
  readonly removalPolicy?: RemovalPolicy
}

/** Where the Momento credentials are, and nowhere else. It is made with a value that Momento refuses. */
export class MomentoSecret extends Secret {
  constructor(scope: Construct, id: string, { encryptionKey, removalPolicy }: MomentoSecretProps = {}) {
    super(scope, id, {
      description: 'Momento credentials: put {"apiKey": "...", "endpoint": "..."} here',
      ...(encryptionKey && { encryptionKey }),
      removalPolicy: removalPolicy ?? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    })
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason:
        'Momento makes the keys. A new one is put here by hand; functions that run fetch it when the old one fails.',
    })
  }

  /** Lets a function read the value and nothing else; the CDK's own grantRead also lets it describe the secret. */
  grantValue(grantee: IGrantable): void {
    Grant.addToPrincipal({
      grantee,
      actions: ['secretsmanager:GetSecretValue'],
      resourceArns: [this.secretArn],
    })
    if (this.encryptionKey)
      Grant.addToPrincipal({
        grantee,
        actions: ['kms:Decrypt'],
        resourceArns: [this.encryptionKey.keyArn],
      })
  }
}
