import { z } from 'zod'
import { parseInput, streamArn } from './request-input.ts'
import type { KinesisStreams } from './streams.ts'
import { removeTags, tagKeysInput } from './tags.ts'

const inputSchema = z.object({ ResourceARN: streamArn, TagKeys: tagKeysInput })

/** Takes tags from a stream; throws as {@link removeTags} does. */
export function untagResource(streams: KinesisStreams, input: unknown): object {
  const { ResourceARN, TagKeys } = parseInput(inputSchema, input)
  removeTags(streams.get(ResourceARN), TagKeys)
  return {}
}
