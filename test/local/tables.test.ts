import { expect, it } from 'vitest'
import type { PlannedTable } from '../../local/deploy/plan-table.ts'
import { startTables } from '../../local/tables.ts'

const orders: PlannedTable = {
  name: 'orders',
  arn: 'arn:aws:dynamodb:us-east-1:000000000000:table/orders',
  definition: { TableName: 'orders', KeySchema: [], AttributeDefinitions: [] },
}

it('without a Java there are no tables, which one line says, with how to get one', async () => {
  const notices: string[] = []
  const nowhere = { PATH: '' }
  expect(await startTables([orders], (text) => notices.push(text), nowhere)).toBeUndefined()
  expect(notices).toEqual([
    expect.stringMatching(
      /^left out: the tables orders and what reads their streams. Java 11 or newer is needed.*apt-get install/,
    ),
  ])
})

it('without tables nothing is started, and nothing said', async () => {
  const notices: string[] = []
  expect(await startTables([], (text) => notices.push(text), { PATH: '' })).toBeUndefined()
  expect(notices).toEqual([])
})
