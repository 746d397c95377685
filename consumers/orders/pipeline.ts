import {
  count,
  defineChangePipeline,
  hours,
  mean,
  minutes,
  ratio,
  standardDeviation,
  sum,
  tumbling,
} from '../engine/pipeline.ts'
import { type Order, orderSchema } from './event.ts'

const money = { decimals: 4 } as const
const sales = (order: Order): number => order.sales
const profit = (order: Order): number => order.profit
const isLoss = (order: Order): boolean => order.profit < 0

/** How the order lines of a table changed each minute, by status, region and category. */
export const orders = defineChangePipeline(orderSchema, {
  name: 'orders',
  window: tumbling(minutes(1)),
  // Nearly all that the cache allows: the sum over all windows is the table, as long as none has expired.
  retention: hours(20),
  groupBy: {
    status: (order) => order.status,
    region: (order) => order.region,
    category: (order) => order.category,
  },
  measures: {
    lines: count(),
    pieces: sum((order) => order.quantity),
    sales: sum(sales, money),
    profit: sum(profit, money),
    meanSales: mean(sales, money),
    salesDeviation: standardDeviation(sales, money),
    lossShare: ratio(count({ where: isLoss }), count()),
  },
  buckets: 4,
})
