import { z } from 'zod'
import { AwsServiceError } from '../aws-json-server.ts'
import type { Stream } from './stream.ts'
import type { KinesisStreams } from './streams.ts'

const missing = 'Member must not be null'
const maximumArnCharacters = 2048
const nameForm = /^[a-zA-Z0-9_.-]+$/

/** A text of so many characters, in the form if one is given. */
export function text(least: number, most: number, form?: RegExp) {
  const schema = z
    .string()
    .min(least, `Member must have length greater than or equal to ${least}`)
    .max(most, `Member must have length less than or equal to ${most}`)
  if (form === undefined) return schema
  const pattern = form.source.replace(/^\^|\$$/g, '')
  return schema.regex(form, `Member must satisfy regular expression pattern: ${pattern}`)
}

/** An integer, both bounds included. */
export function whole(least: number, most: number) {
  return z
    .int()
    .min(least, `Member must have value greater than or equal to ${least}`)
    .max(most, `Member must have value less than or equal to ${most}`)
}

/** One of these texts. */
export function oneOf<const T extends readonly string[]>(values: T) {
  return z.enum(values, {
    error: ({ input }) =>
      typeof input === 'string' ? `Member must satisfy enum value set: [${values.join(', ')}]` : undefined,
  })
}

/** The name of a stream, where it may not be left out. */
export const streamName = text(1, 128, nameForm)

/** The ARN of a stream, where it may not be left out. */
export const streamArn = text(1, maximumArnCharacters, /^arn:aws.*:kinesis:.*:\d{12}:stream\/\S+$/)

/** A hash key in decimal digits, of any size. */
export const hashKeyDecimal = text(1, 39, /^(0|[1-9]\d{0,38})$/)

/** The name of a shard. */
export const shardId = text(1, 128, nameForm)

/** The members by which every request names its stream; both may be given, and at least one must be. */
export const streamReference = {
  StreamName: streamName.optional(),
  StreamARN: streamArn.optional(),
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
