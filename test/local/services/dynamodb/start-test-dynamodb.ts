import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams'
import type { WantedTable } from '../../../../local/services/dynamodb/create-tables.ts'
import { startDynamoDb } from '../../../../local/services/dynamodb/server.ts'

/** A running DynamoDB Local with the clients of a function. */
export interface TestDynamoDb {
  readonly endpoint: string
  readonly client: DynamoDBClient
  readonly streams: DynamoDBStreamsClient
  close(): Promise<void>
}

export async function startTestDynamoDb(): Promise<TestDynamoDb> {
  const dynamodb = await startDynamoDb({ onEnd: (text) => console.error(text) })
  const { endpoint } = dynamodb
  const settings = {
    endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'ASIAFUNCTION', secretAccessKey: 'secret', sessionToken: 'token' },
    maxAttempts: 1,
  }
  const client = new DynamoDBClient(settings)
  const streams = new DynamoDBStreamsClient(settings)
  return {
    endpoint,
    client,
    streams,
    close: async () => {
      client.destroy()
      streams.destroy()
      await dynamodb.close()
    },
  }
}

/** A table of items with the key `id`, and a stream with both images. */
export function tableOf(name: string, more: Partial<WantedTable> = {}): WantedTable {
  return {
    streamArn: `planned-stream-of-${name}`,
    ...more,
    definition: {
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
      ...more.definition,
    },
  }
}
