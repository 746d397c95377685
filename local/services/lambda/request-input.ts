import { z } from 'zod'
import { AwsServiceError } from '../aws-json-server.ts'
import { invalidParameter } from './request.ts'

/** An integer, both bounds included. */
export function whole(least: number, most: number) {
  return z
    .int()
    .min(least, `Member must have value greater than or equal to ${least}`)
    .max(most, `Member must have value less than or equal to ${most}`)
}

/** Some of these texts. */
export function someOf<const T extends readonly string[]>(values: T) {
  return z.array(z.enum(values, `Member must satisfy enum value set: [${values.join(', ')}]`))
}

/**
 * The JSON of a body as its schema reads it; an empty body is an object without members.
 *
 * Throws `SerializationException` for what is no JSON and for a member of the wrong type, `ValidationException` in the
 * service's wording for values outside their bounds, and `InvalidParameterValueException` for a member that a strict
 * schema does not have.
 */
export function parseBody<T>(schema: z.ZodType<T>, body: string): T {
  return parseInput(schema, body === '' ? {} : parseJson(body))
}

/** As {@link parseBody}, of what was read already. */
export function parseInput<T>(schema: z.ZodType<T>, input: unknown): T {
  const result = schema.safeParse(input, {
    reportInput: true,
    error: (issue) => (issue.input === undefined ? 'Member must not be null' : undefined),
  })
  if (result.success) return result.data
  const { issues } = result.error
  for (const issue of issues) {
    if (issue.code === 'unrecognized_keys') throw invalidParameter(`${issue.keys[0]} is not supported here.`)
    if (issue.code === 'invalid_type' && issue.input !== undefined)
      throw new AwsServiceError('SerializationException', `${memberPath(issue.path)}: ${issue.message}`)
  }
  const violations = issues.map(({ path, input: value, message }) => {
    const given =
      value === undefined ? 'null' : `'${typeof value === 'string' ? value : JSON.stringify(value)}'`
    return `Value ${given} at '${memberPath(path)}' failed to satisfy constraint: ${message}`
  })
  throw new AwsServiceError(
    'ValidationException',
    `${issues.length} validation error${issues.length === 1 ? '' : 's'} detected: ${violations.join('; ')}`,
  )
}

/** Members begin in lower case in the service's messages; of a list it says the list. */
function memberPath(path: readonly PropertyKey[]): string {
  return path
    .filter((part) => typeof part === 'string')
    .map((part) => part.charAt(0).toLowerCase() + part.slice(1))
    .join('.')
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch (error) {
    throw new AwsServiceError('SerializationException', String(error))
  }
}
