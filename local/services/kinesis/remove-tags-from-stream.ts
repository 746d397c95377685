import { z } from 'zod'
import { parseInput, referencedStream, streamReference } from './request-input.ts'
import type { KinesisStreams } from './streams.ts'
import { removeTags, tagKeysInput } from './tags.ts'

const inputSchema = z.object({ ...streamReference, TagKeys: tagKeysInput })

/** Takes tags from a stream; throws as {@link removeTags} does. */
export function removeTagsFromStream(streams: KinesisStreams, input: unknown): object {
  const request = parseInput(inputSchema, input)
  removeTags(referencedStream(streams, request), request.TagKeys)
  return {}
}
