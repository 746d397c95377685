import { describe, expect, it } from 'vitest'
import { failureDestination } from '../../../local/deploy/failure-destination.ts'

const deployed = {
  buckets: [{ name: 'failed', arn: 'arn:aws:s3:::failed' }],
  queues: [{ name: 'failed', arn: 'arn:aws:sqs:us-east-1:000000000000:failed' }],
}

describe('where failed batches go', () => {
  it.each([
    ['arn:aws:s3:::failed', 'bucket'],
    ['arn:aws:sqs:us-east-1:000000000000:failed', 'queue'],
  ])('%s is a %s', (arn, kind) => {
    expect(failureDestination(arn, deployed)).toEqual({ kind, name: 'failed' })
  })

  it.each([
    ['arn:aws:s3:::other', 'there is no bucket arn:aws:s3:::other'],
    ['arn:aws:s3:::failed/prefix', 'there is no bucket arn:aws:s3:::failed/prefix'],
    [
      'arn:aws:sqs:eu-west-1:000000000000:failed',
      'there is no queue arn:aws:sqs:eu-west-1:000000000000:failed',
    ],
    [
      'arn:aws:sqs:us-east-1:000000000000:failed.fifo',
      'a FIFO queue takes no failed batches: arn:aws:sqs:us-east-1:000000000000:failed.fifo',
    ],
    [
      'arn:aws:sns:us-east-1:000000000000:failed',
      'only buckets and queues take failed batches here: arn:aws:sns:us-east-1:000000000000:failed',
    ],
    ['kafka://failed', 'only buckets and queues take failed batches here: kafka://failed'],
  ])('%s is none that is here', (arn, message) => {
    expect(() => failureDestination(arn, deployed)).toThrow(message)
  })
})
