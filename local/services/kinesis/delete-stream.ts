import { z } from 'zod'
import { parseInput, referencedStream, streamReference } from './request-input.ts'
import type { KinesisStreams } from './streams.ts'

// EnforceConsumerDeletion needs no member: there are no registered consumers here.
const inputSchema = z.object(streamReference)

/** Deletes a stream at once, with all of its records; its iterators then lead nowhere. */
export function deleteStream(streams: KinesisStreams, input: unknown): object {
  streams.delete(referencedStream(streams, parseInput(inputSchema, input)))
  return {}
}
