import { z } from 'zod'
import { AwsServiceError } from '../aws-json-server.ts'
import { firstPage } from './event-page.ts'
import type { LogEvent } from './log-group.ts'
import type { LogGroups } from './log-groups.ts'
import {
  eventLimit,
  groupReference,
  numberOfToken,
  parseInput,
  referencedGroup,
  timestampMs,
} from './request-input.ts'

const inputSchema = z.strictObject({
  ...groupReference,
  logStreamName: z.string().min(1),
  startTime: timestampMs.default(0),
  endTime: timestampMs.default(Number.MAX_SAFE_INTEGER),
  limit: eventLimit,
  startFromHead: z.boolean().default(false),
  nextToken: z.string().optional(),
})

/**
 * A page of a stream's events, the start of the range included and its end not: the last ones, unless it starts from the
 * head. There is always a token for each direction; one that leads no further comes back as it was.
 */
export function getLogEvents(groups: LogGroups, input: unknown): object {
  const request = parseInput(inputSchema, input)
  const group = referencedGroup(groups, request)
  const { logStreamName, startTime, endTime, limit, startFromHead, nextToken } = request
  if (group.stream(logStreamName) === undefined)
    throw new AwsServiceError('ResourceNotFoundException', 'The specified log stream does not exist.')
  const events = group
    .eventsFrom(0)
    .filter(({ streamName }) => streamName === logStreamName)
    .filter((event) => event.timestampMs >= startTime && event.timestampMs < endTime)
  const token = nextToken ?? (startFromHead ? 'f/0' : `b/${group.nextSequence}`)
  const isForward = token.startsWith('f/')
  const position = numberOfToken(token, isForward ? 'f/' : 'b/')
  const page = isForward ? pageFrom(events, position, limit) : pageBefore(events, position, limit)
  return {
    events: page.map(({ timestampMs: timestamp, message, ingestionMs: ingestionTime }) => ({
      timestamp,
      message,
      ingestionTime,
    })),
    nextForwardToken: `f/${(page.at(-1)?.sequence ?? position - 1) + 1}`,
    nextBackwardToken: `b/${page[0]?.sequence ?? position}`,
  }
}

function pageFrom(events: readonly LogEvent[], position: number, limit: number): LogEvent[] {
  return firstPage(
    events.filter(({ sequence }) => sequence >= position),
    limit,
  )
}

function pageBefore(events: readonly LogEvent[], position: number, limit: number): LogEvent[] {
  const before = events.filter(({ sequence }) => sequence < position)
  return firstPage(before.toReversed(), limit).toReversed()
}
