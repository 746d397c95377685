import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams'
import type { PlannedTable } from './deploy/plan-table.ts'
import { localRegion } from './deploy/resource-names.ts'
import { dynamodbSource } from './dynamodb-source.ts'
import type { StreamSource } from './event-source-mapping/stream-source.ts'
import { createTables } from './services/dynamodb/create-tables.ts'
import { findJava } from './services/dynamodb/find-java.ts'
import { startDynamoDb } from './services/dynamodb/server.ts'

/** The tables of a stack, in a DynamoDB of their own. */
export interface LocalTables {
  /** Of tables and their streams alike. */
  readonly endpoint: string
  /** The stream of one of the tables, by the ARN that the plan gives it; `undefined` for any other. */
  source(streamArn: string): StreamSource | undefined
  /** Resolves when the DynamoDB has ended. */
  close(): Promise<void>
}

/**
 * Starts a DynamoDB with these tables. Without any, or without a Java to run it, there is none; the latter is said in one
 * line. Java is looked for in `environment`, by default this process's.
 */
export async function startTables(
  tables: readonly PlannedTable[],
  onNotice: (text: string) => void,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<LocalTables | undefined> {
  if (tables.length === 0) return undefined
  const java = await findJava(environment)
  if (java.command === undefined) {
    const names = tables.map(({ name }) => name).join(', ')
    onNotice(`left out: the tables ${names} and what reads their streams. ${java.reason}`)
    return undefined
  }
  const service = await startDynamoDb({ environment, onEnd: onNotice })
  const client = new DynamoDBStreamsClient({
    endpoint: service.endpoint,
    region: localRegion,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
  const close = async (): Promise<void> => {
    client.destroy()
    await service.close()
  }
  try {
    const serviceArns = await createTables(service.endpoint, tables)
    return {
      endpoint: service.endpoint,
      source: (streamArn) => {
        const serviceStreamArn = serviceArns.get(streamArn)
        if (serviceStreamArn === undefined) return undefined
        return dynamodbSource({ client, streamArn, serviceStreamArn, region: localRegion })
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
