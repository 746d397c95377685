import { CfnElement, Duration, RemovalPolicy, Validations } from 'aws-cdk-lib'
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import type {
  DlqDestinationConfig,
  IEventSourceDlq,
  IEventSourceMapping,
  IFunction,
} from 'aws-cdk-lib/aws-lambda'
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3'
import { Construct } from 'constructs'

/** Lambda writes discarded batches under this prefix (its S3 on-failure destination's fixed key layout). */
const discardedBatchesPrefix = 'aws/lambda/'

export interface FailedRecordsBucketProps {
  /** How long objects stay. Default 30 days: time to find out, to mend and to send again. */
  readonly retention?: Duration
  /** Encrypts the objects. Default S3's own key, which costs nothing. */
  readonly encryptionKey?: IKey
}

/**
 * The bucket that takes what was not counted: the functions' rejected records and the mappings' discarded batches. It
 * stays when its stack is deleted, in every stage: what it holds is nowhere else, and a bucket that holds something
 * cannot be deleted without a function that may empty it.
 */
export class FailedRecordsBucket extends Bucket {
  constructor(scope: Construct, id: string, { retention, encryptionKey }: FailedRecordsBucketProps = {}) {
    super(scope, id, {
      ...(encryptionKey
        ? { encryption: BucketEncryption.KMS, encryptionKey, bucketKeyEnabled: true }
        : { encryption: BucketEncryption.S3_MANAGED }),
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      lifecycleRules: [
        { expiration: retention ?? Duration.days(30), abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    })
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'Only the functions write here and nobody reads by routine: CloudTrail tells more of both than access logs.',
    })
  }

  /** The mapping's on-failure destination, with no more rights than the mapping needs. */
  onFailure(): IEventSourceDlq {
    return new DiscardedBatches(this)
  }

  /** Lets a function write below one prefix and nothing else. */
  grantPutBelow(grantee: IGrantable, prefix: string): Grant {
    if (this.encryptionKey)
      Grant.addToPrincipal({
        grantee,
        actions: ['kms:GenerateDataKey'],
        resourceArns: [this.encryptionKey.keyArn],
      })
    const { grantPrincipal } = grantee
    if (Construct.isConstruct(grantPrincipal))
      Validations.of(grantPrincipal).acknowledge({
        id: `AwsSolutions-IAM5[Resource::<${this.#logicalId()}.Arn>/${prefix}*]`,
        reason:
          'Objects are named when they are written: the prefix is the narrowest resource that there is.',
      })
    return Grant.addToPrincipal({
      grantee,
      actions: ['s3:PutObject'],
      resourceArns: [this.arnForObjects(`${prefix}*`)],
    })
  }

  #logicalId(): string {
    const { defaultChild } = this.node
    return CfnElement.isCfnElement(defaultChild) ? this.stack.getLogicalId(defaultChild) : ''
  }
}

// The CDK's own S3OnFailureDestination grants reading, writing and deleting everything.
class DiscardedBatches implements IEventSourceDlq {
  readonly #bucket: FailedRecordsBucket

  constructor(bucket: FailedRecordsBucket) {
    this.#bucket = bucket
  }

  bind(_target: IEventSourceMapping, targetHandler: IFunction): DlqDestinationConfig {
    this.#bucket.grantPutBelow(targetHandler, discardedBatchesPrefix)
    Grant.addToPrincipal({
      grantee: targetHandler,
      actions: ['s3:ListBucket'],
      resourceArns: [this.#bucket.bucketArn],
    })
    return { destination: this.#bucket.bucketArn }
  }
}
