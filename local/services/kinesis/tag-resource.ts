import { z } from 'zod'
import { parseInput, streamArn } from './request-input.ts'
import type { KinesisStreams } from './streams.ts'
import { addTags, tagsInput } from './tags.ts'

const inputSchema = z.object({ ResourceARN: streamArn, Tags: tagsInput })

/** Gives a stream tags; throws as {@link addTags} does. Other resources there are none. */
export function tagResource(streams: KinesisStreams, input: unknown): object {
  const { ResourceARN, Tags } = parseInput(inputSchema, input)
  addTags(streams.get(ResourceARN), Tags)
  return {}
}
