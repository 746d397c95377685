import { z } from 'zod'
import { AwsServiceError } from '../aws-json-server.ts'
import { firstPage } from './event-page.ts'
import { filterOf } from './filter-pattern.ts'
import type { LogGroup } from './log-group.ts'
import type { LogGroups } from './log-groups.ts'
import {
  eventLimit,
  groupReference,
  invalidParameter,
  numberOfToken,
  parseInput,
  referencedGroup,
  timestampMs,
} from './request-input.ts'

/** An event id has so many digits, so that ids are in order as texts too. */
const eventIdDigits = 56

const inputSchema = z.strictObject({
  ...groupReference,
  logStreamNames: z.array(z.string().min(1)).min(1).max(100).optional(),
  logStreamNamePrefix: z.string().min(1).optional(),
  startTime: timestampMs.default(0),
  endTime: timestampMs.default(Number.MAX_SAFE_INTEGER),
  filterPattern: z.string().max(1024).default(''),
  limit: eventLimit,
  nextToken: z.string().optional(),
  // Without effect in AWS too: events are always interleaved.
  interleaved: z.boolean().optional(),
})

/**
 * The events of a group, or of some of its streams, that match a pattern, both times included, in the order in which they
 * arrived. While there is a `nextToken` there are more; events that have been dropped meanwhile are left out.
 */
export function filterLogEvents(groups: LogGroups, input: unknown): object {
  const request = parseInput(inputSchema, input)
  const group = referencedGroup(groups, request)
  const { startTime, endTime, nextToken } = request
  const isWanted = wantedStreams(group, request)
  const matches = filterOf(request.filterPattern)
  const found = group
    .eventsFrom(nextToken === undefined ? 0 : numberOfToken(nextToken))
    .filter((event) => event.timestampMs >= startTime && event.timestampMs <= endTime)
    .filter(({ streamName, message }) => isWanted(streamName) && matches(message))
  const page = firstPage(found, request.limit)
  const next = found[page.length]
  return {
    events: page.map((event) => ({
      logStreamName: event.streamName,
      timestamp: event.timestampMs,
      message: event.message,
      ingestionTime: event.ingestionMs,
      eventId: String(event.sequence).padStart(eventIdDigits, '0'),
    })),
    searchedLogStreams: [],
    ...(next !== undefined && { nextToken: String(next.sequence) }),
  }
}

function wantedStreams(
  group: LogGroup,
  { logStreamNames: names, logStreamNamePrefix: prefix }: z.infer<typeof inputSchema>,
): (streamName: string) => boolean {
  if (names === undefined) return (streamName) => streamName.startsWith(prefix ?? '')
  if (prefix !== undefined)
    throw invalidParameter('logStreamNames and logStreamNamePrefix cannot be given together.')
  if (names.some((name) => group.stream(name) === undefined))
    throw new AwsServiceError('ResourceNotFoundException', 'The specified log stream does not exist.')
  return (streamName) => names.includes(streamName)
}
