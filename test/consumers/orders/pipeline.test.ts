import { expect, test } from 'vitest'
import { RejectError } from '../../../consumers/engine/errors.ts'
import type { SourceRecord } from '../../../consumers/engine/ports.ts'
import { type Route, routeRecord } from '../../../consumers/engine/route.ts'
import type { Order } from '../../../consumers/orders/event.ts'
import { orders } from '../../../consumers/orders/pipeline.ts'
import { dynamodbRecords } from '../../../consumers/sources/dynamodb.ts'

const placed: Order = {
  lineId: 'run-1',
  orderId: 'CA-2016-152156',
  status: 'placed',
  region: 'South',
  category: 'Furniture',
  quantity: 2,
  sales: 261.96,
  profit: -41.9136,
}

/** A change of one line as its table's mapping delivers it. */
function change(old: object | undefined, current: object | undefined): SourceRecord {
  const eventName = old === undefined ? 'INSERT' : current === undefined ? 'REMOVE' : 'MODIFY'
  const [record] = dynamodbRecords({
    Records: [
      {
        eventID: 'event-1',
        eventName,
        eventSource: 'aws:dynamodb',
        dynamodb: {
          ApproximateCreationDateTime: 1_700_000_000,
          Keys: { lineId: { S: 'run-1' } },
          ...(old && { OldImage: typed(old) }),
          ...(current && { NewImage: typed(current) }),
          SequenceNumber: '1',
          StreamViewType: 'NEW_AND_OLD_IMAGES',
        },
        eventSourceARN: 'arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/1',
      },
    ],
  })
  if (record === undefined || 'reason' in record) throw new Error(`unreadable: ${record?.detail}`)
  return record
}

function typed(item: object): unknown {
  const attributes = Object.entries(item).map(([name, value]) => [
    name,
    typeof value === 'number' ? { N: String(value) } : { S: value },
  ])
  return Object.fromEntries(attributes)
}

/** By grouping and key what a change adds to some measures. */
function added(route: Route | undefined, ...measures: readonly string[]): unknown {
  const groups = route?.contribution.shares.flatMap((shares, grouping) => {
    const names = orders.keptMeasures[grouping]?.map(({ name }) => name) ?? []
    return shares.map(({ key, states }) => [
      `${orders.groupings[grouping]} ${key}`,
      measures.map((measure) => states[names.indexOf(measure)]),
    ])
  })
  return Object.fromEntries(groups ?? [])
}

test('a line that is placed adds to its status, region and category, to the last of four decimals', () => {
  const route = routeRecord(orders, change(undefined, placed))
  const values = [1, 2, 2_619_600, -419_136, [1, 1]]
  expect(added(route, 'lines', 'pieces', 'sales', 'profit', 'lossShare')).toEqual({
    'category Furniture': values,
    'region South': values,
    'status placed': values,
  })
  expect(route?.paneStartMs).toBe(Math.floor(1_700_000_000_000 / 60_000) * 60_000)
})

test('a line that is paid moves from one status to the other, and stays where it is otherwise', () => {
  const route = routeRecord(orders, change(placed, { ...placed, status: 'paid' }))
  expect(added(route, 'lines', 'sales', 'meanSales')).toEqual({
    'category Furniture': [0, 0, [0, 0]],
    'region South': [0, 0, [0, 0]],
    'status placed': [-1, -2_619_600, [-2_619_600, -1]],
    'status paid': [1, 2_619_600, [2_619_600, 1]],
  })
})

test('a line that is deleted is taken back everywhere', () => {
  expect(added(routeRecord(orders, change(placed, undefined)), 'lines', 'profit')).toEqual({
    'category Furniture': [-1, 419_136],
    'region South': [-1, 419_136],
    'status placed': [-1, 419_136],
  })
})

test.each<Partial<Record<keyof Order, unknown>>>([
  { status: 'lost' },
  { region: '' },
  { lineId: '' },
  { quantity: 0.5 },
  { sales: '12' },
  { profit: 0.00001 },
])('a line with %o counts for nothing, in either image, and is rejected where it is new', (fields) => {
  const odd = { ...placed, ...fields }
  expect(() => routeRecord(orders, change(undefined, odd))).toThrow(RejectError)
  const corrected = routeRecord(orders, change(odd, placed))
  expect(added(corrected, 'lines')).toEqual(added(routeRecord(orders, change(undefined, placed)), 'lines'))
  expect(corrected).not.toHaveProperty('refusal')
  const spoiled = routeRecord(orders, change(placed, odd))
  expect(added(spoiled, 'lines')).toEqual(added(routeRecord(orders, change(placed, undefined)), 'lines'))
  expect(spoiled?.refusal).toBeInstanceOf(RejectError)
})
