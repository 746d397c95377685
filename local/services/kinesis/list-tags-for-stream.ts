import { z } from 'zod'
import { parseInput, referencedStream, streamReference, whole } from './request-input.ts'
import type { KinesisStreams } from './streams.ts'
import { tagKey, tagList } from './tags.ts'

const maximumPage = 50

const inputSchema = z.object({
  ...streamReference,
  ExclusiveStartTagKey: tagKey.optional(),
  Limit: whole(1, maximumPage).optional(),
})

/** What ListTagsForStream answers. */
export interface ListTagsForStreamOutput {
  readonly Tags: readonly object[]
  readonly HasMoreTags: boolean
}

/** Lists a stream's tags by their keys, up to `Limit`, by default all; the next page starts after a key. */
export function listTagsForStream(streams: KinesisStreams, input: unknown): ListTagsForStreamOutput {
  const request = parseInput(inputSchema, input)
  const { ExclusiveStartTagKey: after = '', Limit: limit = maximumPage } = request
  const rest = tagList(referencedStream(streams, request)).filter(({ Key }) => Key > after)
  return { Tags: rest.slice(0, limit), HasMoreTags: rest.length > limit }
}
