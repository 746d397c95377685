import { setTimeout } from 'node:timers/promises'
import {
  type AttributeValue,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import type { Order } from '../../consumers/orders/event.ts'
import { maximumAttempts, pauseAfterMs } from './backoff.ts'

/** The service's bound on one BatchWriteItem call (its API reference). */
export const maximumItemsPerCall = 25

/** What the service calls it when it takes no more for the moment (developer guide, "Error handling with DynamoDB"). */
const throttled = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
])

/** A table of order lines to write to. */
export interface OrderTable {
  readonly client: DynamoDBClient
  readonly tableName: string
  /** Sees how many writes the table refused at each attempt; they are made again. */
  readonly onRefused: (count: number) => void
  readonly sleep?: (durationMs: number) => Promise<void>
}

/** Some writes were refused to the last attempt. */
export class RefusedWritesError extends Error {
  override readonly name = 'RefusedWritesError'
}

/**
 * Writes at most 25 new lines in one call, and those that were not processed again, alone, with growing pauses.
 * `onWritten` sees each line once the table has it.
 * @throws RefusedWritesError when lines are still refused after 20 attempts, and what the client throws.
 */
export async function putLines(
  table: OrderTable,
  lines: readonly Order[],
  onWritten: (line: Order) => void,
): Promise<void> {
  let pending = lines
  await persist(table, async () => {
    const refused = await refusedOf(table, pending)
    for (const line of pending) if (!refused.has(line.lineId)) onWritten(line)
    pending = pending.filter(({ lineId }) => refused.has(lineId))
    return pending.length
  })
}

/**
 * Moves a line from one status to another, if it is in the one; whether it was. An answer that was lost may hide a move of
 * our own, which then counts as none.
 * @throws as `putLines`.
 */
export function moveLine(table: OrderTable, { lineId, status: from }: Order, to: Order): Promise<boolean> {
  return conditionally(table, () =>
    table.client.send(
      new UpdateItemCommand({
        TableName: table.tableName,
        Key: { lineId: { S: lineId } },
        UpdateExpression: 'SET #status = :to',
        ConditionExpression: '#status = :from',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':from': { S: from }, ':to': { S: to.status } },
      }),
    ),
  )
}

/** Deletes a line, if it has that status; otherwise as `moveLine`. */
export function deleteLine(table: OrderTable, { lineId, status }: Order): Promise<boolean> {
  return conditionally(table, () =>
    table.client.send(
      new DeleteItemCommand({
        TableName: table.tableName,
        Key: { lineId: { S: lineId } },
        ConditionExpression: '#status = :status',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':status': { S: status } },
      }),
    ),
  )
}

async function refusedOf(
  { client, tableName }: OrderTable,
  lines: readonly Order[],
): Promise<ReadonlySet<string>> {
  try {
    const { UnprocessedItems: unprocessed = {} } = await client.send(
      new BatchWriteItemCommand({
        RequestItems: { [tableName]: lines.map((line) => ({ PutRequest: { Item: itemOf(line) } })) },
      }),
    )
    // Under the table's name or its ARN, whichever the service goes by; there is no other table in the call.
    const refused = Object.values(unprocessed).flat()
    return new Set(
      refused.map(({ PutRequest: put }) => {
        const lineId = put?.Item?.['lineId']?.S
        if (lineId === undefined) throw new Error('the table refused a line without saying which')
        return lineId
      }),
    )
  } catch (error) {
    if (isThrottled(error)) return new Set(lines.map(({ lineId }) => lineId))
    throw error
  }
}

async function conditionally(table: OrderTable, write: () => Promise<unknown>): Promise<boolean> {
  let isWritten = false
  await persist(table, async () => {
    try {
      await write()
      isWritten = true
    } catch (error) {
      if (isThrottled(error)) return 1
      if (!(error instanceof ConditionalCheckFailedException)) throw error
    }
    return 0
  })
  return isWritten
}

/** Attempts until none is refused any more. */
async function persist(
  { onRefused, sleep = setTimeout }: OrderTable,
  attemptToWrite: () => Promise<number>,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const refused = await attemptToWrite()
    if (refused === 0) return
    onRefused(refused)
    if (attempt === maximumAttempts)
      throw new RefusedWritesError(`${refused} writes were refused ${attempt} times`)
    await sleep(pauseAfterMs(attempt))
  }
}

function isThrottled(error: unknown): boolean {
  return error instanceof Error && throttled.has(error.name)
}

function itemOf(line: Order): Record<string, AttributeValue> {
  return {
    lineId: { S: line.lineId },
    orderId: { S: line.orderId },
    status: { S: line.status },
    region: { S: line.region },
    category: { S: line.category },
    quantity: { N: String(line.quantity) },
    sales: { N: String(line.sales) },
    profit: { N: String(line.profit) },
  }
}
