import { z } from 'zod'
import type { LogStream } from './log-group.ts'
import { compareTexts, type LogGroups } from './log-groups.ts'
import {
  groupReference,
  invalidParameter,
  itemLimit,
  numberOfToken,
  parseInput,
  referencedGroup,
} from './request-input.ts'

const inputSchema = z.strictObject({
  ...groupReference,
  logStreamNamePrefix: z.string().min(1).optional(),
  orderBy: z.enum(['LogStreamName', 'LastEventTime']).default('LogStreamName'),
  descending: z.boolean().default(false),
  limit: itemLimit,
  nextToken: z.string().optional(),
})

/** Lists the streams of a group by name or by their last event; a prefix goes with the order by name only. */
export function describeLogStreams(groups: LogGroups, input: unknown): object {
  const request = parseInput(inputSchema, input)
  const group = referencedGroup(groups, request)
  const { logStreamNamePrefix: prefix, orderBy, descending, limit, nextToken } = request
  if (prefix !== undefined && orderBy === 'LastEventTime')
    throw invalidParameter('Cannot order by LastEventTime with a logStreamNamePrefix.')
  const ordered = group
    .streams()
    .filter(({ name }) => name.startsWith(prefix ?? ''))
    .toSorted(orderBy === 'LogStreamName' ? byName : byLastEvent)
  if (descending) ordered.reverse()
  const start = nextToken === undefined ? 0 : numberOfToken(nextToken)
  const end = start + limit
  return {
    logStreams: ordered.slice(start, end).map((stream) => ({
      logStreamName: stream.name,
      creationTime: stream.createdMs,
      lastEventTimestamp: stream.lastEventMs,
      lastIngestionTime: stream.lastIngestionMs,
      arn: `${group.arn}:log-stream:${stream.name}`,
      // Of streams CloudWatch Logs says 0 since 2019.
      storedBytes: 0,
    })),
    ...(end < ordered.length && { nextToken: String(end) }),
  }
}

function byName(one: LogStream, other: LogStream): number {
  return compareTexts(one.name, other.name)
}

function byLastEvent(one: LogStream, other: LogStream): number {
  return one.lastEventMs - other.lastEventMs || byName(one, other)
}
