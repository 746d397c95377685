import type { EstimateBound, Values } from './recount.ts'
import { groupName } from './recount.ts'
import { exactQuotient } from './statistics.ts'

/** An order line as it lies in the table; money in ten-thousandths of a dollar, so that sums are exact. */
export interface OrderItem {
  readonly status: string
  readonly region: string
  readonly category: string
  readonly quantity: bigint
  readonly sales: bigint
  readonly profit: bigint
}

/** What a dollar is in the unit of the items' money. */
export const unitsPerDollar = 10_000n

/** What the orders' windows should add up to: as if the whole range were one window, which here begins at 0. */
export interface OrdersRecount {
  readonly groups: Readonly<Record<string, ReadonlyMap<string, Values>>>
  readonly estimates: Readonly<Record<string, EstimateBound>>
}

/** Counts the items of a table. Nothing here is shared with the engine, and nothing knows how the items came to be so. */
export function recountOrders(items: readonly OrderItem[]): OrdersRecount {
  const by = (keyOf: (item: OrderItem) => string): ReadonlyMap<string, Values> => {
    const members = new Map<string, OrderItem[]>()
    for (const item of items) {
      const group = members.get(keyOf(item))
      if (group === undefined) members.set(keyOf(item), [item])
      else group.push(item)
    }
    return new Map(Array.from(members, ([key, group]) => [groupName(0, key), valuesOf(group)]))
  }
  return {
    groups: {
      status: by(({ status }) => status),
      region: by(({ region }) => region),
      category: by(({ category }) => category),
    },
    estimates: {},
  }
}

function valuesOf(items: readonly OrderItem[]): Values {
  const lines = BigInt(items.length)
  const sales = items.map((item) => item.sales)
  const total = sum(sales)
  const deviations = lines * sum(sales.map((each) => each * each)) - total * total
  const variance = exactQuotient(deviations, lines * lines * unitsPerDollar * unitsPerDollar)
  return {
    lines: items.length,
    pieces: Number(sum(items.map(({ quantity }) => quantity))),
    sales: exactQuotient(total, unitsPerDollar),
    profit: exactQuotient(sum(items.map(({ profit }) => profit)), unitsPerDollar),
    meanSales: exactQuotient(total, lines * unitsPerDollar),
    salesDeviation: Math.sqrt(variance),
    lossShare: items.filter(({ profit }) => profit < 0n).length / items.length,
  }
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n)
}
