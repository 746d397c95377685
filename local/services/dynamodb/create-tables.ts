import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DynamoDBClient,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb'

/** A table that is to be there. */
export interface WantedTable {
  /** What refers to its stream, if it has one. */
  readonly streamArn?: string
  /** Default: none of its items says when it may go. */
  readonly timeToLiveAttribute?: string
  readonly definition: CreateTableCommandInput
}

/**
 * Creates tables in the DynamoDB of that endpoint.
 * @returns the ARN that the service has given to each stream, which holds the time of its creation, by its `streamArn`.
 * @throws Error that names the table which the service refuses, and says why.
 */
export async function createTables(
  endpoint: string,
  tables: readonly WantedTable[],
): Promise<ReadonlyMap<string, string>> {
  const client = new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
  const streamArns = new Map<string, string>()
  try {
    for (const { streamArn, timeToLiveAttribute, definition } of tables) {
      try {
        const { TableDescription: created } = await client.send(new CreateTableCommand(definition))
        if (streamArn !== undefined && created?.LatestStreamArn !== undefined)
          streamArns.set(streamArn, created.LatestStreamArn)
        if (timeToLiveAttribute !== undefined) {
          await client.send(
            new UpdateTimeToLiveCommand({
              TableName: definition.TableName,
              TimeToLiveSpecification: { AttributeName: timeToLiveAttribute, Enabled: true },
            }),
          )
        }
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error)
        throw new Error(`the table ${definition.TableName} was not created: ${why}`, { cause: error })
      }
    }
  } finally {
    client.destroy()
  }
  return streamArns
}
