/** What takes the description of a batch that a mapping gave up. */
export interface FailureDestination {
  readonly kind: 'bucket' | 'queue'
  readonly name: string
}

/** A bucket or a queue that is deployed. */
interface Deployed {
  readonly name: string
  readonly arn: string
}

/**
 * Finds the bucket or the queue that the ARN of a mapping's destination means.
 * @throws Error of one line if there is none such, or if it is another thing: AWS sends to topics too, but never to FIFO
 * queues
 */
export function failureDestination(
  arn: string,
  deployed: { readonly buckets: readonly Deployed[]; readonly queues: readonly Deployed[] },
): FailureDestination {
  const [, , service = ''] = arn.split(':')
  if (service === 'sqs' && arn.endsWith('.fifo'))
    throw new Error(`a FIFO queue takes no failed batches: ${arn}`)
  if (service !== 's3' && service !== 'sqs')
    throw new Error(`only buckets and queues take failed batches here: ${arn}`)
  const kind = service === 's3' ? 'bucket' : 'queue'
  const found = deployed[`${kind}s`].find((thing) => thing.arn === arn)
  if (found === undefined) throw new Error(`there is no ${kind} ${arn}`)
  return { kind, name: found.name }
}
