import type { Pipeline } from './engine/pipeline.ts'
import { flights } from './flights/pipeline.ts'
import { orders } from './orders/pipeline.ts'
import { punctuality } from './punctuality/pipeline.ts'

/**
 * Every Kinesis stream, with the pipelines that read it, each for itself. A pipeline has a folder of its name, whose
 * `handler.ts` is its function; the infrastructure gives it that function and a mapping, and the query command reads it.
 */
export const streams: readonly { readonly name: string; readonly pipelines: readonly Pipeline[] }[] = [
  { name: 'flights', pipelines: [flights, punctuality] },
]

/** Every DynamoDB table, with the attribute that is its key, a text, and the pipelines that read its changes. */
export const tables: readonly {
  readonly name: string
  readonly partitionKey: string
  readonly pipelines: readonly Pipeline[]
}[] = [{ name: 'orders', partitionKey: 'lineId', pipelines: [orders] }]
