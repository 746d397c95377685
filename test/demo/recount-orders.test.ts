import { describe, expect, it } from 'vitest'
import { groupName } from '../../demo/recount.ts'
import { type OrderItem, recountOrders } from '../../demo/recount-orders.ts'
import { orderItem } from '../../demo/scan-orders.ts'

function itemWith(fields: Partial<OrderItem> = {}): OrderItem {
  return {
    status: 'placed',
    region: 'West',
    category: 'Furniture',
    quantity: 1n,
    sales: 10_000n,
    profit: 1n,
    ...fields,
  }
}

describe('a recount of a table', () => {
  it('has the groups that are there, by status, region and category', () => {
    const { groups } = recountOrders([itemWith(), itemWith({ status: 'paid', region: 'East' })])
    expect(Object.entries(groups).map(([grouping, found]) => [grouping, [...found.keys()]])).toEqual([
      ['status', [groupName(0, 'placed'), groupName(0, 'paid')]],
      ['region', [groupName(0, 'West'), groupName(0, 'East')]],
      ['category', [groupName(0, 'Furniture')]],
    ])
  })

  it('sums to the last decimal, losses too', () => {
    const { groups } = recountOrders([
      itemWith({ sales: 2_619_600n, profit: 419_136n, quantity: 2n }),
      itemWith({ sales: 7_319_400n, profit: -3_830_310n, quantity: 3n }),
      itemWith({ sales: 1n, profit: -1n, quantity: 5n }),
    ])
    expect(groups['category']?.get(groupName(0, 'Furniture'))).toEqual({
      lines: 3,
      pieces: 10,
      sales: 993.9001,
      profit: -341.1175,
      meanSales: 331.3000333333333,
      salesDeviation: expect.closeTo(302.81, 1) as number,
      lossShare: 2 / 3,
    })
  })

  it('of an empty table has no groups', () => {
    expect(Object.values(recountOrders([]).groups).map(({ size }) => size)).toEqual([0, 0, 0])
  })
})

describe('an item of the table', () => {
  const attributes = {
    lineId: { S: '1' },
    status: { S: 'paid' },
    region: { S: 'South' },
    category: { S: 'Technology' },
    quantity: { N: '7' },
    sales: { N: '22.368' },
    profit: { N: '-383.031' },
  }

  it('has its money in whole units', () => {
    expect(orderItem(attributes)).toEqual({
      status: 'paid',
      region: 'South',
      category: 'Technology',
      quantity: 7n,
      sales: 223_680n,
      profit: -3_830_310n,
    })
  })

  it.each(['1.23456', '', '1e3', '1.'])('is refused with %j for money', (N) => {
    expect(() => orderItem({ ...attributes, sales: { N } })).toThrow('is no amount of money')
  })
})
