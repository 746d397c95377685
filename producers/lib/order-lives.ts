import type { Order, OrderStatus } from '../../consumers/orders/event.ts'
import type { OrderLine } from './order-lines.ts'
import { seededRandom } from './seeded-random.ts'

/** One change of an order line: placed without `old`, deleted without `new`. */
export interface OrderChange {
  readonly old?: Order
  readonly new?: Order
}

/** All changes of one line, in their order; the first places it. */
export type OrderLife = readonly [
  placed: Required<Pick<OrderChange, 'new'>>,
  ...later: readonly OrderChange[],
]

/** What to make of the lines. */
export interface OrderLivesOptions {
  /** Names this run; part of every line's id, so that no two runs share a line. */
  readonly run: string
  /** Lines; default without end, all of them again and again. */
  readonly limit?: number
  /** The same seed makes the same lives. */
  readonly seed: number
}

const cancelledShare = 0.15
/** Lines that are deleted when their life is over. */
const deletedShare = { cancelled: 0.5, delivered: 0.1 } as const

/**
 * Lives of order lines, made as they are taken: placed, paid, shipped and delivered; or cancelled, before or after they are
 * paid. Some of either are deleted in the end. A line is named by its run and a number from 1, in the first round its
 * Row ID.
 */
export function* orderLives(
  lines: readonly OrderLine[],
  { run, limit = Infinity, seed }: OrderLivesOptions,
): Generator<OrderLife, undefined> {
  const random = seededRandom(seed)
  for (let number = 1; number <= limit; number++) {
    const line = lines[(number - 1) % lines.length]
    if (line === undefined) return
    yield lifeOf({ lineId: `${run}-${number}`, ...line, status: 'placed' }, random)
  }
}

function lifeOf(placed: Order, random: () => number): OrderLife {
  const isCancelled = random() < cancelledShare
  const isPaid = !isCancelled || random() < 0.5
  const later: OrderStatus[] = isCancelled ? ['cancelled'] : ['shipped', 'delivered']
  if (isPaid) later.unshift('paid')
  const isDeleted = random() < deletedShare[isCancelled ? 'cancelled' : 'delivered']

  let latest = placed
  const changes: OrderChange[] = later.map((status) => {
    const old = latest
    latest = { ...old, status }
    return { old, new: latest }
  })
  if (isDeleted) changes.push({ old: latest })
  return [{ new: placed }, ...changes]
}
