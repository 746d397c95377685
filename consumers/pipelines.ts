import type { Pipeline } from './engine/pipeline.ts'
import { flights } from './flights/pipeline.ts'

/**
 * Every pipeline that a Kinesis stream feeds. Each has a folder of its name, whose `handler.ts` is its function; the
 * infrastructure gives it a stream, a function and a mapping, and the query command reads it.
 */
export const streamPipelines: readonly Pipeline[] = [flights]
