import { z } from 'zod'
import { parseInput, streamArn } from './request-input.ts'
import type { KinesisStreams } from './streams.ts'
import { tagList } from './tags.ts'

const inputSchema = z.object({ ResourceARN: streamArn })

/** What ListTagsForResource answers. */
export interface ListTagsForResourceOutput {
  readonly Tags: readonly object[]
}

/** Lists all tags of a stream by their keys. */
export function listTagsForResource(streams: KinesisStreams, input: unknown): ListTagsForResourceOutput {
  const { ResourceARN } = parseInput(inputSchema, input)
  return { Tags: tagList(streams.get(ResourceARN)) }
}
