import { Duration } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { expect, it } from 'vitest'
import {
  FailedRecordsBucket,
  type FailedRecordsBucketProps,
} from '../../../infra/constructs/failed-records-bucket.ts'
import { SynthesisedTemplate } from '../synthesised.ts'
import { testStack } from './consumer-fixture.ts'

function bucketWith(props: FailedRecordsBucketProps) {
  const stack = testStack()
  new FailedRecordsBucket(stack, 'Bucket', props)
  return new SynthesisedTemplate(Template.fromStack(stack))
}

const usual = bucketWith({})

it.each([
  ['a month', {}, 30],
  ['as long as is asked', { retention: Duration.days(7) }, 7],
])('forgets after %s, and never keeps halves of objects', (_howLong, props, days) => {
  expect(bucketWith(props).properties('Bucket')).toMatchObject({
    LifecycleConfiguration: {
      Rules: [
        {
          Status: 'Enabled',
          ExpirationInDays: days,
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
        },
      ],
    },
  })
})

it('stays when its stack is deleted, but not where it could not even be made', () => {
  expect(usual.resource('Bucket').DeletionPolicy).toBe('RetainExceptOnCreate')
})
