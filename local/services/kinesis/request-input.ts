import { z } from 'zod'
import { AwsServiceError } from '../aws-json-server.ts'
import type { Stream } from './stream.ts'
import type { KinesisStreams } from './streams.ts'

const missing = 'Member must not be null'

/** The members by which every request names its stream; both may be given, and at least one must be. */
export const streamReference = {
  StreamName: z.string().optional(),
  StreamARN: z.string().optional(),
  // Reading it as "write" would be worse than refusing it.
  DryRun: z.literal(false, 'DryRun is not supported here').optional(),
}

/**
 * The input as its schema reads it.
 *
 * Throws `SerializationException` for a member of the wrong JSON type and `ValidationException`, in the service's
 * wording, for a value outside its bounds or a missing one.
 */
export function parseInput<T>(schema: z.ZodType<T>, input: unknown): T {
  const result = schema.safeParse(input, {
    reportInput: true,
    error: (issue) => (issue.input === undefined ? missing : undefined),
  })
  if (result.success) return result.data
  const [issue] = result.error.issues
  const path = memberPath(issue?.path ?? [])
  const message = issue?.message ?? ''
  if (issue?.code === 'invalid_type' && issue.input !== undefined) {
    throw new AwsServiceError('SerializationException', `${path}: ${message}`)
  }
  throw constraintViolation(path, message)
}

/** The service's error for a value outside its bounds; `path` is as in `records.1.member.partitionKey`. */
export function constraintViolation(path: string, constraint: string): AwsServiceError {
  return new AwsServiceError(
    'ValidationException',
    `1 validation error detected: Value at '${path}' failed to satisfy constraint: ${constraint}`,
  )
}

/** The stream that a request names, by its ARN if both are given; throws if neither is or the stream does not exist. */
export function referencedStream(
  streams: KinesisStreams,
  reference: { StreamName?: string | undefined; StreamARN?: string | undefined },
): Stream {
  const nameOrArn = reference.StreamARN ?? reference.StreamName
  if (nameOrArn !== undefined) return streams.get(nameOrArn)
  throw new AwsServiceError('InvalidArgumentException', 'Either StreamName or StreamARN must be given.')
}

/** Lists count from 1 and members begin in lower case in the service's messages. */
function memberPath(path: readonly PropertyKey[]): string {
  return path
    .map((part) =>
      typeof part === 'number'
        ? `${part + 1}.member`
        : String(part).replace(/^[A-Z]+/, (capitals) => capitals.toLowerCase()),
    )
    .join('.')
}
