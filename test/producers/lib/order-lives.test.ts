import { describe, expect, it } from 'vitest'
import { type OrderLife, orderLives, type OrderLivesOptions } from '../../../producers/lib/order-lives.ts'
import type { OrderLine } from '../../../producers/lib/order-lines.ts'

const lines: readonly OrderLine[] = ['South', 'West', 'East'].map((region, index) => ({
  orderId: `order-${index}`,
  region,
  category: 'Furniture',
  quantity: 1 + index,
  sales: 10.5 * (1 + index),
  profit: -0.25,
}))

function livesOf(options: Partial<OrderLivesOptions>): OrderLife[] {
  return [...orderLives(lines, { run: 'run', seed: 1, limit: 2_000, ...options })]
}

/** The statuses of a life, and `deleted`. */
function wayOf(life: OrderLife): string {
  return life.map((change) => change.new?.status ?? 'deleted').join(' ')
}

describe('the life of an order line', () => {
  it('is one of those that orders have, and each of them comes up', () => {
    const ways = new Map<string, number>()
    for (const way of livesOf({}).map(wayOf)) ways.set(way, (ways.get(way) ?? 0) + 1)
    expect([...ways.keys()].sort()).toEqual([
      'placed cancelled',
      'placed cancelled deleted',
      'placed paid cancelled',
      'placed paid cancelled deleted',
      'placed paid shipped delivered',
      'placed paid shipped delivered deleted',
    ])
    for (const count of ways.values()) expect(count).toBeGreaterThan(40)
  })

  it('changes nothing but its status, and each change begins where the one before ended', () => {
    for (const life of livesOf({ limit: 200 })) {
      const [placed, ...later] = life
      for (const [index, change] of later.entries()) {
        expect(change.old).toEqual(life[index]?.new)
        const isLast = index === later.length - 1
        expect(change.new ?? isLast).toEqual(
          change.new === undefined || { ...placed.new, status: change.new.status },
        )
      }
    }
  })
})

describe('the lines', () => {
  it('are all of the data set, again and again, each time under another name', () => {
    const placed = livesOf({ limit: 7 }).map(([first]) => first.new)
    expect(placed.map(({ lineId, region }) => `${lineId} ${region}`)).toEqual([
      'run-1 South',
      'run-2 West',
      'run-3 East',
      'run-4 South',
      'run-5 West',
      'run-6 East',
      'run-7 South',
    ])
    expect(placed[1]).toEqual({ lineId: 'run-2', status: 'placed', ...lines[1] })
  })

  it('have no end without a limit, and none at all of no data', () => {
    const endless = orderLives(lines, { run: 'run', seed: 1 })
    for (let taken = 0; taken < 5_000; taken++) expect(endless.next().done).toBe(false)
    expect(orderLives([], { run: 'run', seed: 1 }).next().done).toBe(true)
  })

  it('live the same lives with the same seed, and others with another', () => {
    const [one, same, other] = [
      { seed: 1, run: 'a' },
      { seed: 1, run: 'b' },
      { seed: 2, run: 'a' },
    ].map((options) => livesOf({ ...options, limit: 50 }).map(wayOf))
    expect(same).toEqual(one)
    expect(other).not.toEqual(one)
  })
})
