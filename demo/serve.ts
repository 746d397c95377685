import { once } from 'node:events'
import type { LocalStack } from '../local/main.ts'

/**
 * Keeps a stack up until `signal` aborts. On stdout it prints one line, a JSON object, and nothing more:
 *
 * - `endpoints`: by service
 * - `streams`, `tables`, `buckets`, `functions`: names, each by the output of the stack that gives it, or else by the
 *   logical id
 * - `queues`: likewise, if there are any
 * - `environment`: the variables to export for `produce` and `query`
 */
export async function serveStack(stack: LocalStack, signal: AbortSignal): Promise<void> {
  const { endpoints, names, environment } = stack
  const { streams, tables, buckets, queues, functions } = names
  console.log(
    JSON.stringify({
      endpoints,
      streams,
      tables,
      buckets,
      functions,
      ...(Object.keys(queues).length > 0 && { queues }),
      environment,
    }),
  )
  if (!signal.aborted) await once(signal, 'abort')
}
