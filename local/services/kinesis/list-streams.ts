import { z } from 'zod'
import { AwsServiceError } from '../aws-json-server.ts'
import { parseInput, streamName, whole } from './request-input.ts'
import { streamSummary } from './stream-output.ts'
import type { KinesisStreams } from './streams.ts'
import { openPageToken, sealToken } from './token.ts'

const maximumPage = 100

const inputSchema = z.object({
  ExclusiveStartStreamName: streamName.optional(),
  Limit: whole(1, 10_000).optional(),
  NextToken: z.string().optional(),
})

const pageSchema = z.object({ afterName: z.string(), createdMs: z.number() })

/** What ListStreams answers; the next page starts after the last name, or at `NextToken`. */
export interface ListStreamsOutput {
  readonly StreamNames: readonly string[]
  readonly StreamSummaries: readonly object[]
  readonly HasMoreStreams: boolean
  readonly NextToken?: string
}

/**
 * Lists the streams by name, up to 100 a page.
 *
 * Throws `InvalidArgumentException` for a page token that is none, or beside a name, and `ExpiredNextTokenException` for
 * one older than 5 minutes.
 */
export function listStreams(streams: KinesisStreams, input: unknown): ListStreamsOutput {
  const request = parseInput(inputSchema, input)
  const nowMs = streams.nowMs()
  const afterName = startAfter(request, nowMs)
  const rest = streams.all().filter(({ name }) => name > afterName)
  const page = rest.slice(0, Math.min(request.Limit ?? maximumPage, maximumPage))
  const last = page.at(-1)
  const hasMore = page.length < rest.length
  return {
    StreamNames: page.map(({ name }) => name),
    StreamSummaries: page.map(streamSummary),
    HasMoreStreams: hasMore,
    ...(last !== undefined &&
      hasMore && { NextToken: sealToken({ afterName: last.name, createdMs: nowMs }) }),
  }
}

function startAfter(request: z.infer<typeof inputSchema>, nowMs: number): string {
  const { ExclusiveStartStreamName: name, NextToken: token } = request
  if (token === undefined) return name ?? ''
  if (name === undefined) return openPageToken(pageSchema, token, nowMs).afterName
  throw new AwsServiceError(
    'InvalidArgumentException',
    'NextToken and ExclusiveStartStreamName cannot be provided together.',
  )
}
