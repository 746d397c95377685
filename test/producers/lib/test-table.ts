import { type AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import * as z from 'zod'
import type { Order } from '../../../consumers/orders/event.ts'
import { AwsServiceError, startAwsJsonServer } from '../../../local/services/aws-json-server.ts'

export const tableName = 'orders'

const textSchema = z.object({ S: z.string() })
const itemSchema = z.looseObject({ lineId: textSchema, status: textSchema })
type Item = z.infer<typeof itemSchema>
const batchSchema = z.object({
  RequestItems: z.object({
    [tableName]: z
      .array(z.object({ PutRequest: z.object({ Item: itemSchema }) }))
      .min(1)
      .max(25),
  }),
})
const conditionSchema = z.object({
  TableName: z.literal(tableName),
  Key: z.object({ lineId: textSchema }),
  ExpressionAttributeNames: z.object({ '#status': z.literal('status') }),
})
const updateSchema = conditionSchema.extend({
  UpdateExpression: z.literal('SET #status = :to'),
  ConditionExpression: z.literal('#status = :from'),
  ExpressionAttributeValues: z.object({ ':from': textSchema, ':to': textSchema }),
})
const deleteSchema = conditionSchema.extend({
  ConditionExpression: z.literal('#status = :status'),
  ExpressionAttributeValues: z.object({ ':status': textSchema }),
})

/** What a test may have the table do. */
export interface TestTableFaults {
  /** The lines of a call that are not processed. */
  unprocessed?: (lineIds: readonly string[]) => readonly string[]
  /** Thrown before a call is looked at. */
  beforeCall?: (operation: string) => void
}

/** A table of order lines in memory, behind the service's protocol, that takes what `produce orders` sends and nothing else. */
export async function startTestTable(faults: TestTableFaults = {}) {
  const items = new Map<string, Item>()
  /** Of each line the statuses that it had, and `deleted`. */
  const histories = new Map<string, string[]>()
  const remember = (lineId: string, what: string): void =>
    void histories.set(lineId, [...(histories.get(lineId) ?? []), what])
  const held = (lineId: string, status: string): Item => {
    const item = items.get(lineId)
    if (item?.status.S === status) return item
    throw new AwsServiceError('ConditionalCheckFailedException', 'The conditional request failed')
  }
  const operations = {
    BatchWriteItem: (input: unknown) => {
      faults.beforeCall?.('BatchWriteItem')
      const requests = batchSchema.parse(input).RequestItems[tableName]
      const left = new Set(
        faults.unprocessed?.(requests.map(({ PutRequest: { Item: item } }) => item.lineId.S)),
      )
      for (const {
        PutRequest: { Item: item },
      } of requests) {
        if (left.has(item.lineId.S)) continue
        items.set(item.lineId.S, item)
        remember(item.lineId.S, item.status.S)
      }
      const refused = requests.filter(({ PutRequest: { Item: item } }) => left.has(item.lineId.S))
      return { UnprocessedItems: refused.length > 0 ? { [tableName]: refused } : {} }
    },
    UpdateItem: (input: unknown) => {
      faults.beforeCall?.('UpdateItem')
      const {
        Key: { lineId },
        ExpressionAttributeValues: values,
      } = updateSchema.parse(input)
      items.set(lineId.S, { ...held(lineId.S, values[':from'].S), status: values[':to'] })
      remember(lineId.S, values[':to'].S)
      return {}
    },
    DeleteItem: (input: unknown) => {
      faults.beforeCall?.('DeleteItem')
      const {
        Key: { lineId },
        ExpressionAttributeValues: values,
      } = deleteSchema.parse(input)
      held(lineId.S, values[':status'].S)
      items.delete(lineId.S)
      remember(lineId.S, 'deleted')
      return {}
    },
  }
  const service = await startAwsJsonServer({ targetPrefix: 'DynamoDB_20120810', operations })
  return { ...service, items, histories }
}

/** A client's calls so far. */
export interface WatchedTableCalls {
  /** Each call's lines, in the order in which the calls began. */
  readonly lines: (readonly string[])[]
  underWay: number
  mostUnderWay: number
}

/**
 * A real client that does not retry, and what it calls. Before a call goes out `beforeCall` is awaited with its number
 * from 0: it may hold the call, or fail it.
 */
export function watchedTableClient(
  endpoint: string,
  beforeCall: (call: number) => Promise<void> = () => Promise.resolve(),
): { readonly client: DynamoDBClient; readonly calls: WatchedTableCalls } {
  const client = new DynamoDBClient({
    endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
  const calls: WatchedTableCalls = { lines: [], underWay: 0, mostUnderWay: 0 }
  client.middlewareStack.add(
    (next) => async (args) => {
      const call = calls.lines.push(linesOf(args.input)) - 1
      calls.underWay++
      calls.mostUnderWay = Math.max(calls.mostUnderWay, calls.underWay)
      try {
        await beforeCall(call)
        return await next(args)
      } finally {
        calls.underWay--
      }
    },
    { step: 'initialize' },
  )
  return { client, calls }
}

function linesOf(input: object): readonly string[] {
  const batch = batchSchema.safeParse(input)
  if (!batch.success) return [conditionSchema.parse(input).Key.lineId.S]
  return batch.data.RequestItems[tableName].map(({ PutRequest: { Item: item } }) => item.lineId.S)
}

/** A line as it lies in the table. */
export function itemOf({ quantity, sales, profit, ...texts }: Order): Record<string, AttributeValue> {
  const numbers = Object.entries({ quantity, sales, profit }).map(([name, value]) => [
    name,
    { N: String(value) },
  ])
  return Object.fromEntries([
    ...Object.entries(texts).map(([name, value]) => [name, { S: value }]),
    ...numbers,
  ])
}

export function lineOf(lineId: string, fields: Partial<Order> = {}): Order {
  return {
    lineId,
    orderId: 'CA-2016-152156',
    status: 'placed',
    region: 'South',
    category: 'Furniture',
    quantity: 2,
    sales: 261.96,
    profit: -41.9136,
    ...fields,
  }
}
