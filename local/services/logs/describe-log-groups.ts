import { z } from 'zod'
import type { LogGroups } from './log-groups.ts'
import { invalidParameter, itemLimit, numberOfToken, parseInput } from './request-input.ts'

const inputSchema = z.strictObject({
  logGroupNamePrefix: z.string().min(1).max(512).optional(),
  logGroupNamePattern: z.string().max(512).optional(),
  limit: itemLimit,
  nextToken: z.string().optional(),
})

/** Lists the groups by name: all, those whose name begins with a prefix, or those that have a text in it, in that case. */
export function describeLogGroups(groups: LogGroups, input: unknown): object {
  const request = parseInput(inputSchema, input)
  const { logGroupNamePrefix: prefix, logGroupNamePattern: pattern, limit, nextToken } = request
  if (prefix !== undefined && pattern !== undefined)
    throw invalidParameter('logGroupNamePrefix and logGroupNamePattern cannot be given together.')
  const found = groups
    .all()
    .filter(({ name }) => name.startsWith(prefix ?? '') && name.includes(pattern ?? ''))
  const start = nextToken === undefined ? 0 : numberOfToken(nextToken)
  const end = start + limit
  return {
    logGroups: found.slice(start, end).map(({ name, arn, createdMs, storedBytes }) => ({
      logGroupName: name,
      creationTime: createdMs,
      metricFilterCount: 0,
      arn: `${arn}:*`,
      logGroupArn: arn,
      storedBytes,
    })),
    ...(end < found.length && { nextToken: String(end) }),
  }
}
