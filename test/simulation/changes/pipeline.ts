import * as z from 'zod'
import {
  count,
  defineChangePipeline,
  histogram,
  hopping,
  mean,
  minutes,
  type Pipeline,
  ratio,
  sum,
  variance,
} from '../../../consumers/engine/pipeline.ts'
import { lifetimesMs } from '../pipeline.ts'
import type { PlannedWorld } from '../plan.ts'
import type { PlannedRow } from './plan.ts'

const orderSchema = z.object({
  status: z.string(),
  region: z.string(),
  /** With two decimals. */
  amount: z.union([z.number(), z.templateLiteral([z.number()])]),
})

export type Order = z.infer<typeof orderSchema>

export const pipelineName = 'orders'
/** What amounts are sorted into. */
export const amountBounds = [0, 100] as const
/** Longer than any story puts records, so that some window has all panes. */
export const windowMs = minutes(5)

/** A pipeline of changes with two groupings, and every measure that can take back what it added. */
export function ordersPipeline(world: PlannedWorld): Pipeline<'place' | 'status'> {
  return defineChangePipeline(orderSchema, {
    name: pipelineName,
    window: hopping(windowMs, lifetimesMs.pane),
    allowedLateness: lifetimesMs.lateness,
    allowedFutureSkew: lifetimesMs.futureSkew,
    maximumRecordAge: lifetimesMs.recordAge,
    retention: world.retentionMs,
    groupBy: {
      place: (order) => [order.region, order.status],
      status: (order) => order.status,
    },
    measures: {
      amount: sum(amountOf, { decimals: 2 }),
      amounts: histogram((order) => Number(order.amount), { bounds: amountBounds }),
      meanAmount: mean(amountOf, { decimals: 2 }),
      northShare: ratio(count({ where: (order: Order) => order.region === 'north' }), count()),
      orders: count(),
      variance: variance(amountOf, { decimals: 2, on: ['status'] }),
    },
    buckets: world.buckets,
    maximumGroups: world.maximumGroups,
  })
}

function amountOf(order: Order): Order['amount'] {
  return order.amount
}

/** A row as its change carries it. Even amounts are numbers and odd ones texts, as sources have both. */
export function orderOf({ status, region, cents }: PlannedRow): Order {
  const sign = cents < 0 ? '-' : ''
  const digits = String(Math.abs(cents)).padStart(3, '0')
  const text = `${sign}${digits.slice(0, -2)}.${digits.slice(-2)}` as `${number}`
  return { status, region, amount: cents % 2 === 0 ? Number(text) : text }
}
