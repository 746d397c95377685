import {
  type AttributeValue,
  DeleteItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dynamodbSource } from '../../local/dynamodb-source.ts'
import type {
  ShardReader,
  StartingPlace,
  StreamRecord,
} from '../../local/event-source-mapping/stream-source.ts'
import { createTables } from '../../local/services/dynamodb/create-tables.ts'
import { isJavaMissing, whyNotRun } from './services/dynamodb/java-for-tests.ts'
import { startTestDynamoDb, tableOf, type TestDynamoDb } from './services/dynamodb/start-test-dynamodb.ts'

interface Change {
  readonly eventID: string
  readonly eventName: string
  readonly dynamodb: Readonly<Record<string, unknown>>
}

/** What the tests look at in an event. */
const changeOf = ({ json }: StreamRecord): Change => JSON.parse(json) as Change
const idsOf = (records: readonly StreamRecord[]): unknown[] =>
  records.map((record) => changeOf(record).dynamodb['Keys']).map((keys) => Object(keys).id.S as unknown)

describe.skipIf(isJavaMissing)(`the stream of a table in DynamoDB Local${whyNotRun}`, () => {
  let dynamodb: TestDynamoDb
  let tableCount = 0
  beforeAll(async () => {
    dynamodb = await startTestDynamoDb()
  })
  afterAll(() => dynamodb.close())

  async function newTable() {
    tableCount++
    const table = tableOf(`table-${tableCount}`)
    const [[streamArn = '', serviceStreamArn = ''] = []] = await createTables(dynamodb.endpoint, [table])
    const source = dynamodbSource({
      client: dynamodb.streams,
      streamArn,
      serviceStreamArn,
      region: 'us-east-1',
    })
    const TableName = table.definition.TableName
    return {
      source,
      put: (item: Record<string, AttributeValue>) =>
        dynamodb.client.send(new PutItemCommand({ TableName, Item: item })),
      remove: (id: string) =>
        dynamodb.client.send(new DeleteItemCommand({ TableName, Key: { id: { S: id } } })),
      addOne: (id: string) =>
        dynamodb.client.send(
          new UpdateItemCommand({
            TableName,
            Key: { id: { S: id } },
            UpdateExpression: 'ADD #count :one',
            ExpressionAttributeNames: { '#count': 'count' },
            ExpressionAttributeValues: { ':one': { N: '1' } },
          }),
        ),
      open: async (place: StartingPlace): Promise<ShardReader> => {
        const shards = await source.shards()
        expect(shards).toEqual([
          { id: expect.stringMatching(/^shardId-/) as string, parentIds: [], isClosed: false },
        ])
        return source.open(shards[0]?.id ?? '', place)
      },
    }
  }

  test('tells of an item put, modified and removed, with both images; an identical put makes no record', async () => {
    const { put, addOne, remove, open } = await newTable()
    const item = { id: { S: 'a' }, count: { N: '1' }, seal: { B: new Uint8Array([1, 2]) } }
    await put(item)
    await put(item)
    await addOne('a')
    await remove('a')
    const { records } = await (await open({ at: 'TRIM_HORIZON' })).read(10)
    const one = { id: { S: 'a' }, count: { N: '1' }, seal: { B: 'AQI=' } }
    const two = { ...one, count: { N: '2' } }
    const common = { Keys: { id: { S: 'a' } }, StreamViewType: 'NEW_AND_OLD_IMAGES' }
    expect(records.map(changeOf)).toMatchObject([
      { eventName: 'INSERT', dynamodb: { ...common, NewImage: one } },
      { eventName: 'MODIFY', dynamodb: { ...common, NewImage: two, OldImage: one } },
      { eventName: 'REMOVE', dynamodb: { ...common, OldImage: two } },
    ])
    expect(records.map(changeOf)[0]?.dynamodb).not.toHaveProperty('OldImage')
    const again = await (await open({ at: 'TRIM_HORIZON' })).read(10)
    expect(again.records.map(({ json }) => json)).toEqual(records.map(({ json }) => json))
    for (const record of records) {
      expect(changeOf(record).eventID).toMatch(/^[0-9a-f]{32}$/)
      expect(record.orderingKey).toBe(records[0]?.orderingKey)
    }
  })

  test('gives a reader from TRIM_HORIZON all records in order, as soon as they are written', async () => {
    const { put, open } = await newTable()
    const reader = await open({ at: 'TRIM_HORIZON' })
    const written: string[] = []
    const read: unknown[] = []
    for (let round = 0; round < 20; round++) {
      for (let number = 0; number < 5; number++) {
        const id = `${round}-${number}`
        await put({ id: { S: id } })
        written.push(id)
      }
      // Fewer at first than were written, so that the second read has to go on where the first ended.
      for (const limit of [3, 1_000]) read.push(...idsOf((await reader.read(limit)).records))
      expect(read).toEqual(written)
    }
  })

  test('gives a reader from LATEST what is written once it is open', async () => {
    const { put, open } = await newTable()
    await put({ id: { S: 'before' } })
    const latest = await open({ at: 'LATEST' })
    await put({ id: { S: 'after' } })
    expect(idsOf((await latest.read(10)).records)).toEqual(['after'])
    const all = await open({ at: 'TRIM_HORIZON' })
    expect(idsOf((await all.read(10)).records)).toEqual(['before', 'after'])
  })

  test('gives a new reader what comes after the last record of an earlier one', async () => {
    const { put, open } = await newTable()
    for (const id of ['a', 'b', 'c', 'd']) await put({ id: { S: id } })
    const { records } = await (await open({ at: 'TRIM_HORIZON' })).read(2)
    expect(idsOf(records)).toEqual(['a', 'b'])
    const sequenceNumber = records.at(-1)?.sequenceNumber ?? ''
    const next = await open({ at: 'AFTER_SEQUENCE_NUMBER', sequenceNumber })
    expect(idsOf((await next.read(10)).records)).toEqual(['c', 'd'])
  })

  test('has times that are cut to the minute', async () => {
    const { put, open } = await newTable()
    const beforeMs = Date.now()
    await put({ id: { S: 'a' } })
    const { records } = await (await open({ at: 'TRIM_HORIZON' })).read(10)
    const arrivalMs = records[0]?.arrivalMs ?? 0
    expect(arrivalMs % 60_000).toBe(0)
    expect(arrivalMs).toBeGreaterThan(beforeMs - 60_000)
  })
})
