import { z } from 'zod'
import { AwsServiceError } from '../aws-json-server.ts'

const secondMs = 1_000
/** Periods under a minute, seconds. */
const shortPeriods: ReadonlySet<number> = new Set([1, 5, 10, 20, 30])
const maximumPeriodSeconds = 86_400

/** Epoch seconds in, epoch milliseconds out. */
export const timestamp = z.number().transform((seconds) => Math.round(seconds * secondMs))

/** The dimensions of one metric, each with its value; values by name. */
export const dimensions = z
  .array(z.strictObject({ Name: z.string().min(1).max(255), Value: z.string().min(1).max(1024) }))
  .max(30)
  .default([])
  .transform((list) => Object.fromEntries(list.map(({ Name, Value }) => [Name, Value])))

export const namespace = z.string().min(1).max(255)
export const metricName = z.string().min(1).max(255)

/** Seconds in, milliseconds out. Source: CloudWatch API Reference, "MetricStat". */
export const period = z
  .int()
  .refine(
    (seconds) =>
      shortPeriods.has(seconds) || (seconds > 0 && seconds % 60 === 0 && seconds <= maximumPeriodSeconds),
    'must be 1, 5, 10, 20, 30 or a multiple of 60 up to 86400',
  )
  .transform((seconds) => seconds * secondMs)

/**
 * The input as its schema reads it; throws what `refused` makes of the first thing that is wrong, named as AWS names
 * members, also for members that are not supported here.
 */
export function parseInput<T>(
  schema: z.ZodType<T>,
  input: unknown,
  refused: (message: string, isMissing: boolean) => AwsServiceError,
): T {
  const result = schema.safeParse(input, { reportInput: true })
  if (result.success) return result.data
  const [issue] = result.error.issues
  const path = (issue?.path ?? []).map((key) => (typeof key === 'number' ? `member.${key + 1}` : String(key)))
  const isMissing = issue?.code === 'invalid_type' && issue.input === undefined
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined
  if (unknown !== undefined)
    throw refused(`The parameter ${[...path, unknown].join('.')} is not supported here.`, false)
  const name = path.join('.')
  if (isMissing) throw refused(`The parameter ${name} is required.`, true)
  throw refused(`The value for parameter ${name} is invalid: ${issue?.message ?? ''}.`, false)
}

/** What GetMetricData answers to what it does not take. */
export function validationError(message: string): AwsServiceError {
  return new AwsServiceError('ValidationError', message)
}

/** What the older operations answer to a value that they do not take, or lack. */
export function invalidParameter(message: string, isMissing = false): AwsServiceError {
  return new AwsServiceError(isMissing ? 'MissingParameter' : 'InvalidParameterValue', message)
}

export const emptyRange = 'The parameter StartTime must be less than the parameter EndTime.'
