import { DescribeTableCommand, DescribeTimeToLiveCommand, ListTablesCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTables } from '../../../../local/services/dynamodb/create-tables.ts'
import { isJavaMissing, whyNotRun } from './java-for-tests.ts'
import { startTestDynamoDb, tableOf, type TestDynamoDb } from './start-test-dynamodb.ts'

describe.skipIf(isJavaMissing)(`tables${whyNotRun}`, () => {
  let dynamodb: TestDynamoDb
  beforeAll(async () => {
    dynamodb = await startTestDynamoDb()
  })
  afterAll(() => dynamodb.close())

  test('are there for a function whatever its credentials and region, their streams known by what was planned', async () => {
    const { streamArn: _planned, ...plain } = tableOf('plain')
    const { StreamSpecification: _stream, ...definition } = plain.definition
    const streamArns = await createTables(dynamodb.endpoint, [tableOf('orders'), { definition }])
    const { TableNames } = await dynamodb.client.send(new ListTablesCommand({}))
    expect(TableNames).toEqual(['orders', 'plain'])
    const { Table } = await dynamodb.client.send(new DescribeTableCommand({ TableName: 'orders' }))
    expect(Table?.LatestStreamArn).toMatch(/:table\/orders\/stream\/\d{4}-/)
    expect([...streamArns]).toEqual([['planned-stream-of-orders', Table?.LatestStreamArn]])
  })

  test('have a time to live where it is wanted', async () => {
    await createTables(dynamodb.endpoint, [
      tableOf('mortal', { timeToLiveAttribute: 'expiresAt' }),
      tableOf('immortal'),
    ])
    const timeToLive = async (TableName: string): Promise<unknown> =>
      (await dynamodb.client.send(new DescribeTimeToLiveCommand({ TableName }))).TimeToLiveDescription
    expect(await timeToLive('mortal')).toEqual({ AttributeName: 'expiresAt', TimeToLiveStatus: 'ENABLED' })
    expect(await timeToLive('immortal')).toEqual({ TimeToLiveStatus: 'DISABLED' })
  })

  test('that the service refuses are named, with its reason', async () => {
    const definition = { ...tableOf('broken').definition, AttributeDefinitions: [] }
    await expect(createTables(dynamodb.endpoint, [{ definition }])).rejects.toThrow(
      /^the table broken was not created: .*[Aa]ttribute/,
    )
  })
})
