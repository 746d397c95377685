import { z } from 'zod'
import { parseInput, referencedStream, streamReference } from './request-input.ts'
import type { KinesisStreams } from './streams.ts'
import { addTags, tagsInput } from './tags.ts'

const inputSchema = z.object({ ...streamReference, Tags: tagsInput })

/** Gives a stream tags; throws as {@link addTags} does. */
export function addTagsToStream(streams: KinesisStreams, input: unknown): object {
  const request = parseInput(inputSchema, input)
  addTags(referencedStream(streams, request), request.Tags)
  return {}
}
