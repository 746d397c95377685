import { z } from 'zod'
import { AwsServiceError } from '../aws-json-server.ts'
import type { LogGroup } from './log-group.ts'
import type { LogGroups } from './log-groups.ts'

/** The most events of a page. */
const maximumPageEvents = 10_000
/** The most groups or streams of a page. */
const maximumPageItems = 50

/** The members by which a request names its group; one of them must be given. */
export const groupReference = {
  logGroupName: z.string().min(1).max(512).optional(),
  logGroupIdentifier: z.string().min(1).max(2048).optional(),
}

/** How many events a page has at the most; by default as many as may be. */
export const eventLimit = z.int().min(1).max(maximumPageEvents).default(maximumPageEvents)

/** How many groups or streams a page has at the most; by default as many as may be. */
export const itemLimit = z.int().min(1).max(maximumPageItems).default(maximumPageItems)

/** Epoch milliseconds. */
export const timestampMs = z.int().nonnegative()

/** The input as its schema reads it; throws `InvalidParameterException`, also for members that are not supported here. */
export function parseInput<T>(schema: z.ZodType<T>, input: unknown): T {
  const result = schema.safeParse(input)
  if (result.success) return result.data
  throw invalidParameter(z.prettifyError(result.error))
}

export function invalidParameter(message: string): AwsServiceError {
  return new AwsServiceError('InvalidParameterException', message)
}

/** The group that a request names; throws if it names none, or both ways, or if there is no such group. */
export function referencedGroup(
  groups: LogGroups,
  reference: { logGroupName?: string | undefined; logGroupIdentifier?: string | undefined },
): LogGroup {
  const { logGroupName: name, logGroupIdentifier: identifier } = reference
  const nameOrArn = name ?? identifier
  if (nameOrArn === undefined || (name !== undefined && identifier !== undefined))
    throw invalidParameter('Exactly one of logGroupName and logGroupIdentifier must be given.')
  return groups.get(nameOrArn)
}

/** The number in a page token, which begins with `prefix`; throws `InvalidParameterException` for one that is none. */
export function numberOfToken(token: string, prefix = ''): number {
  const digits = token.slice(prefix.length)
  if (token.startsWith(prefix) && /^\d{1,15}$/.test(digits)) return Number(digits)
  throw invalidParameter('The specified nextToken is invalid.')
}
