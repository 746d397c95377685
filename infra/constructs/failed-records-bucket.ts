import { Duration } from 'aws-cdk-lib'
import type { IGrantable } from 'aws-cdk-lib/aws-iam'
import { Grant } from 'aws-cdk-lib/aws-iam'
import type {
  DlqDestinationConfig,
  IEventSourceDlq,
  IEventSourceMapping,
  IFunction,
} from 'aws-cdk-lib/aws-lambda'
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from 'aws-cdk-lib/aws-s3'
import type { Construct } from 'constructs'

/** Lambda writes discarded batches under this prefix (its S3 on-failure destination's fixed key layout). */
const discardedBatchesPrefix = 'aws/lambda/'
const retention = Duration.days(30)

/** The bucket that takes what was not counted: the functions' rejected records and the mappings' discarded batches. */
export class FailedRecordsBucket extends Bucket {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      lifecycleRules: [{ expiration: retention }],
    })
  }

  /** The mapping's on-failure destination, with no more rights than the mapping needs. */
  onFailure(): IEventSourceDlq {
    return new DiscardedBatches(this as IBucket)
  }

  /** Lets a function write below one prefix and nothing else. */
  grantPutBelow(grantee: IGrantable, prefix: string): Grant {
    return grantPut(this as IBucket, grantee, prefix)
  }
}

// The CDK's own S3OnFailureDestination grants reading, writing and deleting everything.
class DiscardedBatches implements IEventSourceDlq {
  readonly #bucket: IBucket

  constructor(bucket: IBucket) {
    this.#bucket = bucket
  }

  bind(_target: IEventSourceMapping, targetHandler: IFunction): DlqDestinationConfig {
    grantPut(this.#bucket, targetHandler, discardedBatchesPrefix)
    Grant.addToPrincipal({
      grantee: targetHandler,
      actions: ['s3:ListBucket'],
      resourceArns: [this.#bucket.bucketArn],
    })
    return { destination: this.#bucket.bucketArn }
  }
}

function grantPut(bucket: IBucket, grantee: IGrantable, prefix: string): Grant {
  return Grant.addToPrincipal({
    grantee,
    actions: ['s3:PutObject'],
    resourceArns: [bucket.arnForObjects(`${prefix}*`)],
  })
}
